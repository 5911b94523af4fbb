package pkcs12

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"

	"github.com/kopir-kz/kopir/gateway/pki/ber"
)

// Content types (RFC 5652, sections 4 and 8).
//
//nolint:gochecknoglobals // constants
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidEncryptedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
)

// pfx is PFX (RFC 7292, section 4).
type pfx struct {
	Version  int
	AuthSafe contentInfo
	MAC      macData `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
}

// encryptedData is EncryptedData (RFC 5652, section 8).
type encryptedData struct {
	Version int
	Info    struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Content   asn1.RawValue `asn1:"tag:0,optional"`
	}
}

// decoder opens one keystore.
type decoder struct {
	limits   Limits
	password []byte // of the caller, as it is
	bmp      []byte // in the form of RFC 7292, appendix B.1, once the MAC holds
	spent    int64  // iterations
	bags     int
	store    Keystore
}

// Decode opens a keystore. The password is UTF-8; empty stands for none as well,
// and the MAC tells which is meant. It stays the caller's, who overwrites it. The
// error is always an *Error.
func Decode(data, password []byte, l Limits) (*Keystore, error) {
	d := &decoder{limits: l.withDefaults(), password: password}
	err := d.open(data)
	clear(d.bmp)
	if err != nil {
		d.store.Destroy()
		return nil, err
	}
	return &d.store, nil
}

func (d *decoder) open(data []byte) error {
	if len(data) > d.limits.Bytes {
		return refuse(TooLarge, "the file is longer than %d bytes", d.limits.Bytes)
	}
	var p pfx
	if err := read(data, &p); err != nil {
		return err
	}
	switch {
	case p.Version != 3:
		return refuse(Damaged, "the version of the format is not 3")
	case !p.AuthSafe.Type.Equal(oidData):
		return refuse(Unsupported, "the keystore is protected as %s", p.AuthSafe.Type)
	case p.MAC.MAC.Algorithm.Algorithm == nil:
		return refuse(NoMAC, "nothing tells whether the password is right")
	}
	var content []byte
	if err := parse(p.AuthSafe.Content.Bytes, &content); err != nil {
		return err
	}
	if err := d.verify(p.MAC, content); err != nil {
		return err
	}
	var parts []contentInfo // AuthenticatedSafe
	if err := read(content, &parts); err != nil {
		return err
	}
	for _, part := range parts {
		if err := d.part(part); err != nil {
			return err
		}
	}
	return nil
}

// part reads one group of bags, in the clear or encrypted.
func (d *decoder) part(c contentInfo) error {
	if err := d.count(); err != nil {
		return err
	}
	switch {
	case c.Type.Equal(oidData):
		var content []byte
		if err := parse(c.Content.Bytes, &content); err != nil {
			return err
		}
		return d.safe(content)
	case c.Type.Equal(oidEncryptedData):
		var e encryptedData
		if err := parse(c.Content.Bytes, &e); err != nil {
			return err
		}
		if !e.Info.Type.Equal(oidData) {
			return refuse(Unsupported, "an encrypted part holds %s", e.Info.Type)
		}
		text, err := ber.Octets(e.Info.Content)
		if err != nil {
			return refuse(Damaged, "an encrypted part: %v", err)
		}
		plain, err := d.decrypt(e.Info.Algorithm, text)
		if err != nil {
			return err
		}
		return d.safe(plain)
	}
	return refuse(Unsupported, "a part is protected as %s", c.Type)
}

// safe reads the SafeContents that octets hold, and overwrites them: a key may
// stand in them in the clear.
func (d *decoder) safe(plain []byte) error {
	defer clear(plain)
	der, err := toDER(plain)
	if err != nil {
		return err
	}
	defer clear(der)
	return d.contents(der, 0)
}

// count takes one from the bags and groups that are allowed.
func (d *decoder) count() error {
	if d.bags++; d.bags > d.limits.Bags {
		return refuse(TooLarge, "there are more than %d bags", d.limits.Bags)
	}
	return nil
}

// toDER converts one element. The limit on bytes was held at the start, and the
// output may be a little longer than the input.
func toDER(b []byte) ([]byte, error) {
	der, err := ber.ToDER(b, ber.Limits{Bytes: 2 * len(b)})
	var e *ber.Error
	switch {
	case err == nil:
		return der, nil
	case errors.As(err, &e) && e.Rule == ber.RuleDepth:
		return nil, refuse(TooDeep, "%v", err)
	case errors.As(err, &e) && (e.Rule == ber.RuleElements || e.Rule == ber.RuleBytes):
		return nil, refuse(TooLarge, "%v", err)
	}
	return nil, refuse(Damaged, "%v", err)
}

// read reads one element from BER.
func read(b []byte, into any) error {
	der, err := toDER(b)
	if err != nil {
		return err
	}
	return parse(der, into)
}

// parse reads one element from DER. The errors of encoding/asn1 name types of Go
// and are left out.
func parse(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err != nil || len(rest) > 0 {
		return refuse(Damaged, "the ASN.1 is not that of a keystore")
	}
	return nil
}
