package issue_test

import (
	"crypto"
	"crypto/x509"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

var (
	noon  = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	where = issue.Addresses{
		OCSP: "http://ocsp.example/", Certificate: "http://pki.example/ca.cer",
		CRL: "http://crl.example/ca.crl", Delta: "http://crl.example/ca_d.crl",
	}
)

// known tells whether crypto/x509 can check signatures of a family.
func known(family string) bool { return family == "rsa" || family == "ecdsa" }

// authority is a self-signed certificate with its key.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func dated(c *x509.Certificate, serial int64) *x509.Certificate {
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(serial), noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0)
	return c
}

func newAuthority(t testing.TB, key crypto.Signer) *authority {
	t.Helper()
	c := dated(issue.Template(issue.Authority, issue.Subject{CommonName: "СЫНАҚ ОРТАЛЫҒЫ"}, issue.Addresses{}), 1)
	made, err := issue.Certificate(c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{made, key}
}

func (a *authority) issue(t testing.TB, c *x509.Certificate, pub crypto.PublicKey) *x509.Certificate {
	t.Helper()
	made, err := issue.Certificate(c, a.certificate, pub, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// openssl runs the tool in a folder of its own with the files given; it gives
// what the tool says and fails the test if the tool does.
func openssl(t *testing.T, files map[string][]byte, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
