package ocsp_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

// openSSL runs it in a folder; the test is skipped where it is not installed.
func openSSL(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	return out
}

// TestOpenSSL has OpenSSL answer our requests from the index of a small
// authority, itself and by a delegated responder, and understands the answers.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"RSA": pkitest.RSAKey(t, 2048), "ECDSA": pkitest.ECKey(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, kind string, der []byte) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			private := func(name string, k crypto.Signer) {
				t.Helper()
				der, err := x509.MarshalPKCS8PrivateKey(k)
				if err != nil {
					t.Fatal(err)
				}
				write(name, "PRIVATE KEY", der)
			}
			long := func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = now().AddDate(-50, 0, 0), now().AddDate(100, 0, 0)
			}
			root := pkitest.NewAuthority(t, "Root")
			ca := &pkitest.Authority{Key: key, Certificate: root.Issue(t, "CA", key.Public(), long, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })}
			delegateKey := pkitest.ECKey(t)
			delegate := ca.Issue(t, "Responder", delegateKey.Public(), responder, long)
			good, revoked, unknown := leaf(t, ca), leaf(t, ca), leaf(t, ca)
			write("ca.pem", "CERTIFICATE", ca.Certificate.Raw)
			private("ca.key", key)
			write("delegate.pem", "CERTIFICATE", delegate.Raw)
			private("delegate.key", delegateKey)
			index := fmt.Sprintf("V\t400101000000Z\t\t%02X\tunknown\t/CN=a\nR\t400101000000Z\t260301120000Z,keyCompromise\t%02X\tunknown\t/CN=b\n", good.SerialNumber, revoked.SerialNumber)
			if err := os.WriteFile(filepath.Join(dir, "index.txt"), []byte(index), 0o600); err != nil {
				t.Fatal(err)
			}
			nonce := bytes.Repeat([]byte{0xa5}, 32)
			for c, want := range map[*x509.Certificate]pki.State{good: pki.StateGood, revoked: pki.StateRevoked, unknown: pki.StateUnknown} {
				for _, hash := range []asn1.ObjectIdentifier{ocsp.SHA1, sha256OID} {
					for signer, certificate := range map[string]*x509.Certificate{"ca": ca.Certificate, "delegate": delegate} {
						id, err := ocsp.NewCertID(c, ca.Certificate, hash)
						if err != nil {
							t.Fatal(err)
						}
						request, err := ocsp.NewRequest(id, nonce)
						if err != nil {
							t.Fatal(err)
						}
						if err := os.WriteFile(filepath.Join(dir, "request"), request, 0o600); err != nil {
							t.Fatal(err)
						}
						text := openSSL(t, dir, "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", signer+".pem", "-rkey", signer+".key",
							"-reqin", "request", "-respout", "response", "-ndays", "2", "-req_text")
						if !strings.Contains(string(text), strings.ToUpper(fmt.Sprintf("%x", id.KeyHash))) || !strings.Contains(string(text), "A5A5A5") {
							t.Errorf("OpenSSL reads another request:\n%s", text)
						}
						b, err := os.ReadFile(filepath.Join(dir, "response"))
						if err != nil {
							t.Fatal(err)
						}
						r, err := ocsp.Parse(b)
						if err != nil {
							t.Fatal(err)
						}
						a, by, err := r.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, Nonce: nonce, RequireNonce: true, At: r.ProducedAt})
						if err != nil {
							t.Fatal(err)
						}
						if a.State != want || !by.Equal(certificate) || a.NextUpdate.Sub(a.ThisUpdate) != 48*time.Hour {
							t.Errorf("%+v by %s", a, by.Subject)
						}
						if want == pki.StateRevoked && (a.Reason != 1 || !a.Since.Equal(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))) {
							t.Errorf("%+v", a)
						}
					}
				}
			}
		})
	}
}
