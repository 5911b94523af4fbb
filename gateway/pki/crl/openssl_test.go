package crl_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
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

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// TestOpenSSL reads lists, complete and delta, that OpenSSL makes.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"RSA": pkitest.RSAKey(t, 2048), "ECDSA": pkitest.ECKey(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			root := pkitest.NewAuthority(t, "Root")
			ca := root.Issue(t, "CA", key.Public(), func(c *x509.Certificate) {
				c.IsCA, c.KeyUsage = true, x509.KeyUsageCRLSign
				c.NotBefore, c.NotAfter = now().AddDate(-50, 0, 0), now().AddDate(100, 0, 0)
			})
			der, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, "ca.pem", block("CERTIFICATE", ca.Raw))
			write(t, dir, "key.pem", block("PRIVATE KEY", der))
			write(t, dir, "number", []byte("1234\n"))
			write(t, dir, "index.txt", []byte("V\t400101000000Z\t\t05\tunknown\t/CN=good\n"+
				"R\t400101000000Z\t260301120000Z,keyCompromise\t80\tunknown\t/CN=a\n"+
				"R\t400101000000Z\t260302120000Z,certificateHold\t0FD51BA7059261AE60CC621F316DB4EF0EF4BA14\tunknown\t/CN=b\n"+
				"R\t400101000000Z\t260303120000Z\t07\tunknown\t/CN=c\n"))
			write(t, dir, "ca.cnf", []byte("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=3\ncrl_extensions=x\n"+
				"[x]\nauthorityKeyIdentifier=keyid\n[delta]\n2.5.29.27=critical,ASN1:INTEGER:4660\n"))
			openSSL(t, dir, "ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "key.pem", "-out", "crl.pem")
			lists, err := crl.Load(filepath.Join(dir, "crl.pem"))
			if err != nil || len(lists) != 1 {
				t.Fatalf("%d lists, %v", len(lists), err)
			}
			l := lists[0]
			if err := l.CheckFrom(ca); err != nil {
				t.Error(err)
			}
			if l.Number.Int64() != 0x1234 || l.Len() != 3 || !l.Complete() || l.NextUpdate.Sub(l.ThisUpdate) != 3*24*time.Hour || string(l.AuthorityKeyID) != string(ca.SubjectKeyId) {
				t.Errorf("%+v", l)
			}
			for serial, want := range map[string]crl.Entry{
				"80": {Since: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Reason: 1},
				"0FD51BA7059261AE60CC621F316DB4EF0EF4BA14": {Since: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Reason: pki.CertificateHold},
				"07": {Since: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)},
			} {
				n, _ := new(big.Int).SetString(serial, 16)
				if got, ok := l.Find(n); !ok || got != want {
					t.Errorf("%s: %v %v", serial, ok, got)
				}
			}
			if _, ok := l.Find(big.NewInt(5)); ok {
				t.Error("a good certificate is named")
			}
			openSSL(t, dir, "ca", "-gencrl", "-config", "ca.cnf", "-crlexts", "delta", "-cert", "ca.pem", "-keyfile", "key.pem", "-out", "delta.pem")
			deltas, err := crl.Load(filepath.Join(dir, "delta.pem"))
			if err != nil {
				t.Fatal(err)
			}
			if d := deltas[0]; d.CheckFrom(ca) != nil || d.Complete() || d.Base.Int64() != 0x1234 || len(d.Limiting) != 0 || !d.Updates(l) {
				t.Errorf("%+v", d)
			}
		})
	}
}

// TestOpenSSLReadsTheSame: what our tests make, OpenSSL takes for the same list.
func TestOpenSSLReadsTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := pkitest.NewAuthority(t, "Root")
	write(t, dir, "ca.pem", block("CERTIFICATE", ca.Certificate.Raw))
	write(t, dir, "list.der", many(t, ca, 7))
	out := openSSL(t, dir, "crl", "-inform", "DER", "-in", "list.der", "-CAfile", "ca.pem", "-noout", "-text", "-verify")
	if n := strings.Count(string(out), "Serial Number:"); n != 7 {
		t.Errorf("OpenSSL reads %d entries\n%s", n, out)
	}
	if strings.Count(string(out), "verify OK") != 1 {
		t.Errorf("OpenSSL does not verify the list\n%s", out)
	}
}
