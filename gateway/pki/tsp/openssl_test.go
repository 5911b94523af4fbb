package tsp_test

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
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

// families are keys that OpenSSL knows too.
func families(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	return map[string]crypto.Signer{"RSA": pkitest.RSAKey(t, 2048), "EC": pkitest.ECKey(t)}
}

// bench is a folder with the world in files, for OpenSSL, whose clock is the
// real one.
type bench struct {
	*world
	dir string
}

func newBench(t *testing.T, key crypto.Signer) *bench {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	around := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	b := &bench{newWorld(t, key, usage(t, true, timeStamping), around), t.TempDir()}
	b.ca.Certificate = reissue(t, b.world, around)
	b.Chain = nil
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	b.write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate.Raw}))
	b.write(t, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.ca.Certificate.Raw}))
	b.write(t, "document", document)
	b.write(t, "other", []byte("another"))
	b.write(t, "serial", []byte("07"))
	b.write(t, "ts.cnf", []byte(`[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.398.3.3.99.1
other_policies = 1.2.398.3.3.99.2
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha1
`))
	return b
}

// reissue certifies the authority itself for another time.
func reissue(t *testing.T, w *world, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	c := w.ca.Issue(t, "Root", w.ca.Key.Public(), func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.KeyUsage = w.ca.Certificate.Subject, true, x509.KeyUsageCertSign
	}, change)
	return c
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
	c.Env = append(os.Environ(), "OPENSSL_CONF=ts.cnf")
	out, err := c.Output()
	if err != nil {
		t.Logf("openssl %q: %s%s", args, out, errs.String())
	}
	return out, err
}

// TestOpenSSLAnswers checks what OpenSSL answers to our request, with the
// signing certificate named in both ways.
func TestOpenSSLAnswers(t *testing.T) {
	t.Parallel()
	for family, key := range families(t) {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, key)
			v := &tsp.Verifier{Keys: pki.NewStore(pki.Options{Roots: []*x509.Certificate{b.ca.Certificate}})}
			r := tsp.NewRequest(imprint(t, oidSHA512, document))
			r.Policy = oidOther
			query, err := r.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			b.write(t, "query", query)
			for _, changed := range []string{"sha1", "sha256", "sha512"} {
				config, err := os.ReadFile(filepath.Join(b.dir, "ts.cnf"))
				if err != nil {
					t.Fatal(err)
				}
				b.write(t, "ts.cnf", bytes.Replace(config, []byte("ess_cert_id_alg = sha1"), []byte("ess_cert_id_alg = "+changed), 1))
				reply, err := b.openssl(t, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-signer", "cert.pem", "-inkey", "key.pem", "-out", "/dev/stdout")
				if err != nil {
					t.Fatal(err)
				}
				token, _, err := v.Answer(background, r, reply)
				if err != nil {
					t.Fatal(err)
				}
				if token.Accuracy != 1500100*time.Microsecond || !token.Policy.Equal(oidOther) || !token.Authority.Equal(b.Certificate) {
					t.Errorf("got %+v", token)
				}
				_, _, err = v.Answer(background, tsp.NewRequest(r.Imprint), reply)
				expect(t, err, tsp.StepNonce)
				b.write(t, "ts.cnf", config)
			}
		})
	}
}

// TestOpenSSLReads lets OpenSSL ask, and verify our answer.
func TestOpenSSLReads(t *testing.T) {
	t.Parallel()
	for family, key := range families(t) {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, key)
			query, err := b.openssl(t, "ts", "-query", "-data", "document", "-sha256", "-cert", "-tspolicy", oidPolicy.String(), "-out", "/dev/stdout")
			if err != nil {
				t.Fatal(err)
			}
			b.write(t, "query", query)
			reply, err := b.Respond(query, big.NewInt(7), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			b.write(t, "reply", reply)
			if _, err := b.openssl(t, "ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "root.pem"); err != nil {
				t.Error("OpenSSL does not take the answer to its request")
			}
			if _, err := b.openssl(t, "ts", "-verify", "-data", "document", "-in", "reply", "-CAfile", "root.pem"); err != nil {
				t.Error("OpenSSL does not take the answer for the document")
			}
			if _, err := b.openssl(t, "ts", "-verify", "-data", "other", "-in", "reply", "-CAfile", "root.pem"); err == nil {
				t.Error("OpenSSL takes the answer for another document")
			}
		})
	}
}
