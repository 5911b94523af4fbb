package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// families are keys that OpenSSL knows too.
func families(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	return map[string]crypto.Signer{"RSA": pkitest.RSAKey(t, 2048), "EC": pkitest.ECKey(t)}
}

// bench is a folder with the world in files, for OpenSSL.
type bench struct {
	*world
	dir string
}

func newBench(t *testing.T, key crypto.Signer, changes ...func(*x509.Certificate)) *bench {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	b := &bench{newWorld(t, key, changes...), t.TempDir()}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	b.write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.cert.Raw}))
	b.write(t, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.ca.Certificate.Raw}))
	return b
}

func (b *bench) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) openssl(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	c := exec.Command("openssl", args...)
	var errs bytes.Buffer
	c.Dir, c.Stderr = b.dir, &errs
	out, err := c.Output()
	if err != nil {
		t.Logf("openssl %q: %s", args, errs.String())
	}
	return out, err
}

// TestOpenSSLMakes verifies what OpenSSL signs.
func TestOpenSSLMakes(t *testing.T) {
	t.Parallel()
	content := []byte("first line\nsecond line\n")
	for family, key := range families(t) {
		for _, tt := range []struct {
			name     string
			args     []string
			detached bool
			only     string // a family
			step     cms.Step
		}{
			{name: "attached", args: []string{"-nodetach"}},
			{name: "detached", detached: true},
			{name: "streamed", args: []string{"-nodetach", "-stream"}},
			{name: "by key identifier", args: []string{"-nodetach", "-keyid"}},
			{name: "without attributes", args: []string{"-nodetach", "-noattr"}},
			{name: "with a signing certificate", args: []string{"-nodetach", "-cades"}},
			{name: "SHA-512", args: []string{"-nodetach", "-md", "sha512"}},
			{name: "no certificate", args: []string{"-nodetach", "-nocerts"}, step: cms.StepTrust},
			{name: "SHA-1", args: []string{"-nodetach", "-md", "sha1"}, step: cms.StepAlgorithm},
			{name: "PSS", args: []string{"-nodetach", "-keyopt", "rsa_padding_mode:pss"}, only: "RSA", step: cms.StepAlgorithm},
		} {
			if tt.only != "" && tt.only != family {
				continue
			}
			t.Run(family+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, key)
				b.write(t, "content", content)
				for _, form := range []string{"DER", "PEM"} {
					args := append([]string{"cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem", "-outform", form}, tt.args...)
					message, err := b.openssl(t, args...)
					if err != nil {
						t.Fatal(err)
					}
					o := b.options()
					if tt.detached {
						o.Content = content
					}
					v, err := verify(message, o)
					signer := 0
					if tt.step != "" {
						signer = 1
					}
					expect(t, err, tt.step, signer)
					if err == nil && (!bytes.Equal(v.Content, content) || !v.Signers[0].Certificate.Equal(b.cert)) {
						t.Error("another content or signer")
					}
				}
			})
		}
	}
}

// TestOpenSSLReads lets OpenSSL verify what is signed here.
func TestOpenSSLReads(t *testing.T) {
	t.Parallel()
	content := []byte("first line\nsecond line\n")
	for family, key := range families(t) {
		for _, o := range []cms.SignOptions{{}, {Detached: true}, {SigningTime: day(0)}} {
			t.Run(family, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, key)
				message, err := cms.Sign(content, b.key, b.cert, o)
				if err != nil {
					t.Fatal(err)
				}
				b.write(t, "message", message)
				b.write(t, "content", content)
				b.write(t, "other", []byte("another content"))
				args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "message", "-CAfile", "root.pem", "-purpose", "any", "-no_check_time", "-cades"}
				if o.Detached {
					args = append(args, "-content", "content")
				}
				out, err := b.openssl(t, args...)
				if err != nil || !bytes.Equal(out, content) {
					t.Fatalf("OpenSSL does not take it: %v", err)
				}
				if o.Detached {
					if _, err := b.openssl(t, append(args[:len(args)-1], "other")...); err == nil {
						t.Error("OpenSSL takes another content")
					}
				}
			})
		}
	}
}

// TestOpenSSLAdds verifies a message to which OpenSSL added a second signature.
func TestOpenSSLAdds(t *testing.T) {
	t.Parallel()
	b := newBench(t, pkitest.ECKey(t))
	other := newBench(t, pkitest.RSAKey(t, 2048), func(c *x509.Certificate) {
		c.SerialNumber, c.SubjectKeyId = big.NewInt(99), []byte("second")
	})
	for _, name := range []string{"key.pem", "cert.pem"} {
		in, err := os.ReadFile(filepath.Join(other.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		b.write(t, "second-"+name, in)
	}
	message, err := cms.Sign([]byte("document"), b.key, b.cert, cms.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "message", message)
	message, err = b.openssl(t, "cms", "-resign", "-inform", "DER", "-in", "message", "-signer", "second-cert.pem", "-inkey", "second-key.pem", "-keyid", "-outform", "DER")
	if err != nil {
		t.Fatal(err)
	}
	v, err := verify(message, cms.Options{Clock: pkitest.Now, Keys: pki.NewStore(pki.Options{
		Roots: []*x509.Certificate{b.ca.Certificate, other.ca.Certificate},
	})})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range v.Signers {
		seen[string(s.Certificate.Raw)] = true
	}
	if len(v.Signers) != 2 || !seen[string(b.cert.Raw)] || !seen[string(other.cert.Raw)] {
		t.Errorf("%d signers", len(v.Signers))
	}
}
