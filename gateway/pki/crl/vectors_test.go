package crl_test

import (
	"errors"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

func load(t *testing.T, path ...string) *crl.List {
	t.Helper()
	lists, err := crl.Load(filepath.Join(append([]string{vectors.Dir(t)}, path...)...))
	if err != nil || len(lists) != 1 {
		t.Fatalf("%d lists, %v", len(lists), err)
	}
	return lists[0]
}

// TestNationalCentre reads a list of the national centre's test authority.
func TestNationalCentre(t *testing.T) {
	t.Parallel()
	l := load(t, "crl-ocsp", "nca_gost2022_test.crl")
	if want := time.Date(2022, 7, 27, 11, 26, 6, 0, time.UTC); !l.ThisUpdate.Equal(want) {
		t.Errorf("thisUpdate %v", l.ThisUpdate)
	}
	if want := time.Date(2023, 1, 23, 11, 26, 6, 0, time.UTC); !l.NextUpdate.Equal(want) {
		t.Errorf("nextUpdate %v", l.NextUpdate)
	}
	if l.Number.Int64() != 4 || l.Len() != 6 || !l.Complete() {
		t.Errorf("number %v, %d entries, complete %v", l.Number, l.Len(), l.Complete())
	}
	serial, _ := new(big.Int).SetString("200327F2CD345C4378A4C692AB9B88C1178DCFA1", 16)
	if e, ok := l.Find(serial); !ok || e.Reason != pki.CertificateHold || !e.Since.Equal(time.Date(2022, 7, 27, 10, 28, 10, 0, time.UTC)) {
		t.Errorf("%v %v", ok, e)
	}
	ca, err := pki.LoadCertificates(filepath.Join(vectors.Dir(t), "ca", "test-nca-gost512-2022.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.CheckFrom(ca[0]); err != nil {
		t.Error(err)
	}
}

// TestOthers checks lists that OpenSSL made for other suites.
func TestOthers(t *testing.T) {
	t.Parallel()
	dir := vectors.Dir(t)
	keys := filepath.Join(dir, "wss-suite", "keys")
	for _, tt := range []struct {
		list, issuer string
		entries      int
		want         error
	}{
		{"root.crl.pem", "root.cert.pem", 0, nil},
		{"intermediate.crl.pem", "intermediate.cert.pem", 1, nil},
		{"intermediate-stale.crl.pem", "intermediate.cert.pem", 0, nil},
		{"attacker-empty.crl.pem", "attacker-intermediate.cert.pem", 0, nil},
		{"attacker-empty.crl.pem", "intermediate.cert.pem", 0, pki.ErrSignature},
		{"intermediate.crl.pem", "root.cert.pem", 1, crl.ErrIssuer},
	} {
		l := load(t, "wss-suite", "keys", tt.list)
		issuer, err := pki.LoadCertificates(filepath.Join(keys, tt.issuer))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.CheckFrom(issuer[0]); !errors.Is(err, tt.want) || l.Len() != tt.entries {
			t.Errorf("%s by %s: %d entries, %v", tt.list, tt.issuer, l.Len(), err)
		}
	}
	keys = filepath.Join("interop", "xmlsec", "tests", "keys")
	for _, form := range []string{"pem", "der"} {
		l := load(t, keys, "rsa", "rsa-2048-cert-revoked-crl."+form)
		ca, err := pki.LoadCertificates(filepath.Join(dir, keys, "ca2cert.pem"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := pki.LoadCertificates(filepath.Join(dir, keys, "rsa", "rsa-2048-cert.pem"))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.CheckFrom(ca[0]); err != nil {
			t.Error(err)
		}
		if _, ok := l.Find(c[0].SerialNumber); !ok || l.Number.Int64() != 3 {
			t.Errorf("%s: the certificate is not named", form)
		}
	}
}
