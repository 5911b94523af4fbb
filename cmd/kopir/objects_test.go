package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

// An object is one of those that the national centre and its library made.
type object struct {
	File, Kind string
	Expect     map[string]any
}

// accepted tells what is expected of an object: everything that is said about it
// holds.
func (o object) accepted() bool {
	for _, v := range o.Expect {
		if holds, ok := v.(bool); ok && !holds {
			return false
		}
	}
	return true
}

func objects(t *testing.T, dir string) (out []object) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) != 22 {
		t.Fatalf("%d objects", len(out))
	}
	return out
}

// TestNationalObjects judges every object by its command, at its own time. Trusted
// is the authority that issued its certificate, if that is at hand, otherwise the
// certificate itself. Then one thing is changed at a time.
func TestNationalObjects(t *testing.T) {
	t.Parallel()
	dir := vectors(t)
	for _, o := range objects(t, dir) {
		t.Run(o.File, func(t *testing.T) {
			t.Parallel()
			b := judging{t, dir, filepath.Join(dir, o.File)}
			judge := map[string]func(object){
				"ca-certificate": b.certificate, "ee-certificate": b.certificate, "ws-security soap": b.envelope, "xmldsig": b.document,
				"cms attached": b.cms, "crl": b.crl, "ocsp response": b.ocsp, "pkcs12 (public НУЦ SDK test key)": b.keystore,
			}[o.Kind]
			if judge == nil {
				t.Fatalf("no command judges a %s", o.Kind)
			}
			if !o.accepted() {
				t.Fatal("nothing here expects a refusal")
			}
			judge(o)
		})
	}
}

// judging judges one object.
type judging struct {
	t    *testing.T
	dir  string
	file string
}

// told is a verdict as it is read back.
type told struct {
	verdict.Verdict
	Facts map[string]any `json:"facts"`
}

// want runs a command and holds it to a class; "" is acceptance.
func (b judging) want(what string, class pki.Class, args ...string) *told {
	b.t.Helper()
	status, out, errs := call(b.t, append(args, "--json")...)
	var v told
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		b.t.Fatalf("%s: %v\n%s%s", what, err, out, errs)
	}
	accepted := class == ""
	if accepted != (status == exitOK) || accepted != (v.Verdict.Verdict == verdict.Accepted) || v.Class != class || !accepted && status != exitRefused {
		b.t.Errorf("%s: want %q, got status %d, %s", what, class, status, out)
	}
	if !accepted && (v.Failed == nil || v.Failed.Step == "" || v.Reason == "" || len(v.Covered) > 0) {
		b.t.Errorf("%s: the refusal does not say where: %s", what, out)
	}
	if accepted && (len(v.Covered) == 0 || v.Signer == "" || v.Algorithm == "") {
		b.t.Errorf("%s: covered %q, signer %q, algorithm %q", what, v.Covered, v.Signer, v.Algorithm)
	}
	for _, secret := range []string{"ТЕСТОВ", "Qwerty12", "123456789011"} {
		if strings.Contains(out+errs, secret) {
			b.t.Errorf("%s: the output holds %q", what, secret)
		}
	}
	return &v
}

func (b judging) read() []byte {
	b.t.Helper()
	raw, err := os.ReadFile(b.file)
	if err != nil {
		b.t.Fatal(err)
	}
	return raw
}

// with writes changed bytes into a file.
func (b judging) with(raw []byte) string {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "changed")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

func (b judging) load(file string) *x509.Certificate {
	b.t.Helper()
	certs, err := pki.LoadCertificates(file)
	if err != nil {
		b.t.Fatal(err)
	}
	return certs[0]
}

// authorities lists the certificates of authorities at hand.
func (b judging) authorities() []string {
	b.t.Helper()
	all, err := filepath.Glob(filepath.Join(b.dir, "ca", "*.pem"))
	if err != nil || len(all) != 9 {
		b.t.Fatalf("%d authorities, %v", len(all), err)
	}
	return all
}

// trust gives the flags that make a certificate trusted, at a moment of its time,
// and the same with an authority that is another.
func (b judging) trust(c *x509.Certificate) (good, other []string) {
	b.t.Helper()
	at := []string{"--at", c.NotBefore.Add(time.Hour).Format(time.RFC3339)}
	for _, f := range b.authorities() {
		if ca := b.load(f); !bytes.Equal(ca.RawSubject, c.RawIssuer) || pki.CheckIssued(c, ca) != nil {
			other = append([]string{"--trust", f}, at...)
		} else if good == nil {
			good = append([]string{"--trust", f}, at...)
		}
	}
	if good == nil {
		good = append([]string{"--store", b.with(c.Raw)}, at...)
	}
	return good, other
}

func with(command []string, rest ...string) []string {
	return append(command[:len(command):len(command)], rest...)
}

func (b judging) certificate(o object) {
	b.t.Helper()
	c := b.load(b.file)
	usage := map[bool]string{true: "any", false: "sign"}[c.IsCA]
	command := []string{"cert", "verify", "--usage", usage}
	good, other := b.trust(c)
	if good[1] != filepath.Join(b.dir, o.Expect["issuer"].(string)) {
		b.t.Errorf("issued by %s, expected is %s", good[1], o.Expect["issuer"])
	}
	b.want("as it is", "", with(command, with(good, b.file)...)...)
	broken := b.want("another authority", pki.ClassTrust, with(command, with(other, b.file)...)...)
	if f := broken.Failed; f.Step != string(pki.LinkIssuer) || f.Link == nil || *f.Link != 0 || f.Certificate.Serial != c.SerialNumber.Text(16) {
		b.t.Errorf("the refusal is about %+v", f)
	}
	late := b.want("after its time", pki.ClassTrust, with(command, "--trust", good[1], "--at", c.NotAfter.Add(time.Second).Format(time.RFC3339), b.file)...)
	if late.Failed.Step != string(pki.LinkValidity) {
		b.t.Errorf("the refusal is about %+v", late.Failed)
	}
	b.want("for a purpose that is not its", pki.ClassTrust, with([]string{"cert", "verify", "--usage", "ocsp"}, with(good, b.file)...)...)
	spoilt := bytes.Clone(c.Raw)
	spoilt[len(spoilt)-1] ^= 1
	if bytes.Equal(c.RawIssuer, c.RawSubject) {
		return // trusted as it is, whatever its signature
	}
	b.want("another signature", pki.ClassTrust, with(command, with(good, b.with(spoilt))...)...)
	b.want("cut off", pki.ClassInput, with(command, with(good, b.with(c.Raw[:100]))...)...)
}

// embedded is the certificate that an XML document carries.
func (b judging) embedded() *x509.Certificate {
	b.t.Helper()
	m := regexp.MustCompile(`<(?:\w+:)?(?:X509Certificate|KeyIdentifier)\b[^>]*>([^<]*)<`).FindSubmatch(b.read())
	if m == nil {
		b.t.Fatal("no certificate in it")
	}
	text := regexp.MustCompile(`&#13;|\s`).ReplaceAll(m[1], nil)
	der, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		b.t.Fatal(err)
	}
	c, err := pki.ParseCertificate(der)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b judging) envelope(object) { b.xml("envelope", "verify") }
func (b judging) document(object) { b.xml("envelope", "verify", "--enveloped") }

func (b judging) xml(command ...string) {
	b.t.Helper()
	c := b.embedded()
	good, other := b.trust(c)
	b.want("as it is", "", with(command, with(good, b.file)...)...)
	b.want("another authority", pki.ClassTrust, with(command, with(other, b.file)...)...)
	b.want("nobody trusted", pki.ClassTrust, with(command, b.file)...)
	b.want("another signer", pki.ClassTrust, with(command, with(good, "--signer", "CN=СЫНАҚ", b.file)...)...)
	late := b.want("after its time", pki.ClassTrust, with(command, good[0], good[1], "--at", c.NotAfter.Add(time.Second).Format(time.RFC3339), b.file)...)
	if late.Failed.Link == nil || *late.Failed.Link != 0 {
		b.t.Errorf("the refusal is about %+v", late.Failed)
	}
	digest := b.want("changed", pki.ClassSignature, with(command, with(good, b.with(regexp.MustCompile(`(Body[^>]*>|<root>|<[a-z]\w*>)`).ReplaceAll(b.read(), []byte("$1 "))))...)...)
	if f := digest.Failed; f.Step != "digest" || f.Node == "" || f.Digest == "" || f.Certificate == nil {
		b.t.Errorf("the refusal is about %+v", f)
	}
	b.want("no XML", pki.ClassInput, with(command, with(good, b.with(b.read()[:len(b.read())-3]))...)...)
}

func (b judging) cms(object) {
	b.t.Helper()
	m, err := cms.Parse(b.read(), cms.Limits{})
	if err != nil {
		b.t.Fatal(err)
	}
	c := m.Certificates()[0]
	good, other := b.trust(c)
	command := []string{"cms", "verify"}
	b.want("as it is", "", with(command, with(good, b.file)...)...)
	b.want("another authority", pki.ClassTrust, with(command, with(other, b.file)...)...)
	b.want("another signer", pki.ClassTrust, with(command, with(good, "--signer", "CN=СЫНАҚ", b.file)...)...)
	b.want("content twice", pki.ClassStructure, with(command, with(good, "--content", b.with([]byte("asdasd")), b.file)...)...)
	b.want("no time-stamp", pki.ClassSignature, with(command, with(good, "--timestamp", "require", b.file)...)...)
	b.want("cut off", pki.ClassInput, with(command, with(good, b.with(b.read()[:200]))...)...)
	der, err := base64.StdEncoding.DecodeString(string(regexp.MustCompile(`\s`).ReplaceAll(b.read(), nil)))
	if err != nil {
		b.t.Fatal(err)
	}
	spoilt := b.want("changed", pki.ClassSignature, with(command, with(good, b.with(bytes.Replace(der, []byte("asdasd"), []byte("asdasb"), 1)))...)...)
	if spoilt.Failed.Step != "digest" {
		b.t.Errorf("the refusal is about %+v", spoilt.Failed)
	}
}

func (b judging) crl(object) {
	b.t.Helper()
	l, err := crl.Parse(b.read())
	if err != nil {
		b.t.Fatal(err)
	}
	command := []string{"crl", "verify", "--at", l.ThisUpdate.Format(time.RFC3339)}
	accepted := 0
	for _, ca := range b.authorities() {
		class := pki.ClassTrust
		if l.CheckFrom(b.load(ca)) == nil {
			class = ""
			accepted++
			b.want("stale", pki.ClassFreshness, "crl", "verify", "--issuer", ca, b.file)
			b.want("of a later moment", pki.ClassFreshness, "crl", "verify", "--issuer", ca, "--at", "2001-01-01T00:00:00Z", b.file)
			spoilt := b.read()
			spoilt[len(spoilt)-1] ^= 1
			b.want("another signature", pki.ClassSignature, with(command, "--issuer", ca, b.with(spoilt))...)
			b.want("cut off", pki.ClassInput, with(command, "--issuer", ca, b.with(spoilt[:100]))...)
		}
		b.want(ca, class, with(command, "--issuer", ca, b.file)...)
	}
	if accepted != 1 {
		b.t.Errorf("of %d issuers", accepted)
	}
}

func (b judging) ocsp(object) {
	b.t.Helper()
	r, err := ocsp.Parse(b.read())
	if err != nil {
		b.t.Fatal(err)
	}
	accepted := 0
	for _, ca := range b.authorities() {
		command := []string{"ocsp", "verify", "--issuer", ca}
		at := with(command, "--at", r.ProducedAt.Format(time.RFC3339))
		if _, _, err := r.About(ocsp.Question{Certificate: &x509.Certificate{SerialNumber: r.Answers[0].ID.Serial}, Issuer: b.load(ca), At: r.ProducedAt}); err != nil {
			b.want(ca, pki.ClassTrust, with(at, b.file)...)
			continue
		}
		accepted++
		b.want("as it is", "", with(at, b.file)...)
		b.want("about another certificate", pki.ClassCorrelation, with(at, "--cert", filepath.Join(b.dir, "certs", "test-infosystem-gost512.pem"), b.file)...)
		b.want("old", pki.ClassFreshness, with(command, "--at", r.ProducedAt.Add(2*time.Hour).Format(time.RFC3339), b.file)...)
		b.want("old, which may be", "", with(command, "--max-age", "3h", "--at", r.ProducedAt.Add(2*time.Hour).Format(time.RFC3339), b.file)...)
		b.want("after the responder's time", pki.ClassTrust, with(command, b.file)...)
		b.want("a refusal to answer", pki.ClassStructure, with(at, b.with([]byte{0x30, 3, 0x0a, 1, 3}))...)
		b.want("cut off", pki.ClassInput, with(at, b.with(b.read()[:100]))...)
		b.want("changed", pki.ClassSignature, with(at, b.with(bytes.Replace(b.read(), []byte("20220902"), []byte("20220903"), 1)))...)
	}
	if accepted != 1 {
		b.t.Errorf("of %d issuers", accepted)
	}
}

func (b judging) keystore(object) {
	b.t.Helper()
	own := b.with(b.read()) // readable by its owner only
	password, wrong := b.with([]byte("Qwerty12\n")), b.with([]byte("Qwerty13"))
	f, err := pki.ParseBundle(b.read(), []byte("Qwerty12"))
	if err != nil {
		b.t.Fatal(err)
	}
	cert := f.Identities[0].Certificate
	at := cert.NotBefore.Add(time.Hour).Format(time.RFC3339)
	for _, file := range []string{own, b.file} {
		b.want("as it is", "", "keys", "check", "--password-file", password, "--at", at, file)
	}
	b.want("wrong password", pki.ClassInput, "keys", "check", "--password-file", wrong, "--at", at, own)
	b.want("cut off", pki.ClassInput, "keys", "check", "--password-file", password, b.with(b.read()[:1000]))
	late := b.want("after its time", pki.ClassTrust, "keys", "check", "--password-file", password, "--at", cert.NotAfter.Add(time.Second).Format(time.RFC3339), own)
	if late.Failed.Step != string(pki.LinkValidity) {
		b.t.Errorf("the refusal is about %+v", late.Failed)
	}
	b.want("another certificate", pki.ClassSignature, "keys", "check", "--password-file", password, "--at", at, "--cert", filepath.Join(b.dir, "certs", "test-ceo-gost2004.pem"), own)
	good, other := b.trust(cert)
	b.want("with its issuer", "", with([]string{"keys", "check", "--password-file", password}, with(good, own)...)...)
	b.want("with another issuer", pki.ClassTrust, with([]string{"keys", "check", "--password-file", password}, with(other, own)...)...)

	// What is signed with it is accepted with its certificate alone.
	status, signed, errs := call(b.t, "envelope", "sign", "--key", own, "--password-file", password, b.with([]byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>`)))
	if status != exitOK {
		b.t.Fatal(errs)
	}
	b.want("an envelope", "", "envelope", "verify", "--store", b.with(cert.Raw), "--at", at, b.with([]byte(signed)))
}
