// Command kopir-pkcs11 lets Kopir sign with a key in a PKCS#11 token. It is the
// other side of gateway/pki/program: it writes the certificate of the key, then
// answers each digest with a signature, JSON objects on lines.
//
// It is a module of its own because a PKCS#11 library is C and needs cgo, which
// the gateway does without. It is not certified and does not change what the
// token or its library is certified for.
//
//	signing:
//	  program: [kopir-pkcs11, --module, /usr/lib/libvendor.so, --token, shep, --key, signing, --pin-file, pin]
//
// For RSA it signs by CKM_RSA_PKCS, for ECDSA by CKM_ECDSA. National algorithms
// have mechanisms of the vendor's: --mechanism names the one that signs a
// digest and gives r and s, and --reverse turns a value that the library gives
// as s and r, big-endian, into r and s, little-endian, which is its byte
// reversal (RFC 4491, section 2.2.2).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kopir-pkcs11:", err)
		os.Exit(1)
	}
}

type settings struct {
	module, token, key, pinFile, certificate string
	mechanism                                uint
	reverse                                  bool
}

func run(args []string, in io.Reader, out io.Writer) error {
	var s settings
	f := flag.NewFlagSet("kopir-pkcs11", flag.ContinueOnError)
	f.StringVar(&s.module, "module", "", "the PKCS#11 library")
	f.StringVar(&s.token, "token", "", "label of the token")
	f.StringVar(&s.key, "key", "", "label of the private key")
	f.StringVar(&s.pinFile, "pin-file", "", "file, mode 0600, with the user PIN")
	f.StringVar(&s.certificate, "certificate", "", "file with the certificate, DER; empty: the token's with the id of the key")
	f.UintVar(&s.mechanism, "mechanism", 0, "mechanism that signs a digest; 0 takes the one of the key's kind")
	f.BoolVar(&s.reverse, "reverse", false, "reverse the bytes of each signature")
	if err := f.Parse(args); err != nil {
		return err
	}
	t, err := open(s)
	if err != nil {
		return err
	}
	defer t.close()
	return t.serve(in, out)
}

// token is an open session with the key that signs.
type token struct {
	s           settings
	lib         *pkcs11.Ctx
	session     pkcs11.SessionHandle
	key         pkcs11.ObjectHandle
	kind        uint // CKA_KEY_TYPE
	certificate []byte
}

func open(s settings) (*token, error) {
	pin, err := readPIN(s.pinFile)
	if err != nil {
		return nil, err
	}
	lib := pkcs11.New(s.module)
	if lib == nil {
		return nil, errors.New("the PKCS#11 library cannot be loaded")
	}
	t := &token{s: s, lib: lib}
	if err := lib.Initialize(); err != nil {
		return nil, fmt.Errorf("initialize the library: %w", err)
	}
	if err := t.login(pin); err != nil {
		t.close()
		return nil, err
	}
	if err := t.find(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// readPIN reads the PIN from a file that nobody else can read.
func readPIN(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", errors.New("the PIN file must be readable by its owner only (0600)")
	}
	b, err := os.ReadFile(name)
	return strings.TrimRight(string(b), "\r\n"), err
}

func (t *token) login(pin string) error {
	slots, err := t.lib.GetSlotList(true)
	if err != nil {
		return fmt.Errorf("list the slots: %w", err)
	}
	for _, slot := range slots {
		info, err := t.lib.GetTokenInfo(slot)
		if err != nil || strings.TrimRight(info.Label, " \x00") != t.s.token {
			continue
		}
		if t.session, err = t.lib.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION); err != nil {
			return fmt.Errorf("open a session: %w", err)
		}
		if err := t.lib.Login(t.session, pkcs11.CKU_USER, pin); err != nil {
			return fmt.Errorf("log in: %w", err)
		}
		return nil
	}
	return errors.New("there is no token with that label")
}

func (t *token) find() error {
	key, err := t.object(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_LABEL, t.s.key))
	if err != nil {
		return fmt.Errorf("private key: %w", err)
	}
	t.key = key
	about, err := t.lib.GetAttributeValue(t.session, key, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, nil), pkcs11.NewAttribute(pkcs11.CKA_ID, nil),
	})
	if err != nil {
		return fmt.Errorf("look at the key: %w", err)
	}
	for i, b := range about[0].Value { // a CK_ULONG of this machine, little-endian where Kopir runs
		t.kind |= uint(b) << (8 * i)
	}
	if t.s.certificate != "" {
		t.certificate, err = os.ReadFile(t.s.certificate)
		return err
	}
	cert, err := t.object(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_ID, about[1].Value))
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	value, err := t.lib.GetAttributeValue(t.session, cert, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	t.certificate = value[0].Value
	return nil
}

// object finds the one object with these attributes.
func (t *token) object(template ...*pkcs11.Attribute) (pkcs11.ObjectHandle, error) {
	if err := t.lib.FindObjectsInit(t.session, template); err != nil {
		return 0, err
	}
	found, _, err := t.lib.FindObjects(t.session, 2)
	if end := t.lib.FindObjectsFinal(t.session); err == nil {
		err = end
	}
	switch {
	case err != nil:
		return 0, err
	case len(found) != 1:
		return 0, fmt.Errorf("the token holds %d of it, not one", len(found))
	}
	return found[0], nil
}

func (t *token) close() {
	_ = t.lib.Finalize() // ends the session too
	t.lib.Destroy()
}

type question struct {
	ID     uint64 `json:"id"`
	Digest []byte `json:"digest"`
	Hash   string `json:"hash"`
}

type answer struct {
	ID        uint64 `json:"id"`
	Signature []byte `json:"signature,omitempty"`
	Error     string `json:"error,omitempty"`
}

func (t *token) serve(in io.Reader, out io.Writer) error {
	w := json.NewEncoder(out)
	if err := w.Encode(map[string][]byte{"certificate": t.certificate}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return errors.New("a line is not a question")
		}
		a := answer{ID: q.ID}
		value, err := t.sign(q)
		if err != nil {
			a.Error = err.Error()
		}
		a.Signature = value
		if err := w.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (t *token) sign(q question) ([]byte, error) {
	input, mechanism := q.Digest, t.s.mechanism
	if mechanism == 0 {
		switch t.kind {
		case pkcs11.CKK_RSA:
			prefix, ok := digestInfo(q.Hash)
			if !ok {
				return nil, fmt.Errorf("hash %q is not supported", q.Hash)
			}
			mechanism, input = pkcs11.CKM_RSA_PKCS, append(prefix, q.Digest...)
		case pkcs11.CKK_EC:
			mechanism = pkcs11.CKM_ECDSA
		default:
			return nil, errors.New("a key of this kind needs --mechanism")
		}
	}
	if err := t.lib.SignInit(t.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, t.key); err != nil {
		return nil, err
	}
	value, err := t.lib.Sign(t.session, input)
	switch {
	case err != nil:
		return nil, err
	case mechanism == pkcs11.CKM_ECDSA:
		return asn1Signature(value)
	case t.s.reverse:
		slices.Reverse(value)
	}
	return value, nil
}
