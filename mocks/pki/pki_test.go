package pki

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func fresh(t *testing.T, keys KeyType) *PKI {
	t.Helper()
	p, err := New(Options{Clock: func() time.Time { return noon }, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func identity(t *testing.T, p *PKI, r Role) *Identity {
	t.Helper()
	id, err := p.Identity(r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestRoles checks for every role whether it verifies now, and if not, that the
// reason is the one its name says.
func TestRoles(t *testing.T) {
	t.Parallel()
	p := fresh(t, ECDSA)
	revoked := map[string]bool{}
	for _, l := range p.CRLs() {
		for _, e := range l.RevokedCertificateEntries {
			revoked[e.SerialNumber.String()] = true
		}
	}
	tests := []struct {
		role    Role
		at      time.Time // when it must verify; zero: never
		now     bool      // verifies now
		revoked bool
		keyOf   Role
	}{
		{role: Shep, at: noon, now: true},
		{role: ShepExpired, at: noon.Add(-2 * day), keyOf: Shep},
		{role: ShepNotYet, at: noon.Add(21 * day), keyOf: Shep},
		{role: ShepRevoked, at: noon, now: true, revoked: true, keyOf: Shep},
		{role: ShepOtherSerial, at: noon, now: true, keyOf: Shep},
		{role: Registry, at: noon, now: true},
		{role: Client, at: noon, now: true},
		{role: ClientExpired, at: noon.Add(-2 * day), keyOf: Client},
		{role: ClientRevoked, at: noon, now: true, revoked: true, keyOf: Client},
		{role: ClientOther, at: noon, now: true},
		{role: Attacker},
		{role: Server, at: noon, now: true},
		{role: AttackerServer},
	}
	if len(tests) != len(templates()) {
		t.Fatalf("%d roles tested of %d", len(tests), len(templates()))
	}
	for _, tt := range tests {
		t.Run(string(tt.role), func(t *testing.T) {
			t.Parallel()
			id := identity(t, p, tt.role)
			verifies := func(at time.Time) bool {
				roots, between := x509.NewCertPool(), x509.NewCertPool()
				roots.AddCert(p.Roots()[0])
				between.AddCert(p.Intermediates()[0])
				_, err := id.Certificate.Verify(x509.VerifyOptions{
					Roots: roots, Intermediates: between, CurrentTime: at,
					KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
				})
				return err == nil
			}
			if verifies(noon) != tt.now {
				t.Errorf("verifies now: %v", !tt.now)
			}
			if !tt.at.IsZero() && !verifies(tt.at) {
				t.Errorf("does not verify at %v", tt.at)
			}
			if got := revoked[id.Certificate.SerialNumber.String()]; got != tt.revoked {
				t.Errorf("revoked: %v", got)
			}
			if tt.keyOf != "" && identity(t, p, tt.keyOf).Key != id.Key {
				t.Errorf("has another key than %s", tt.keyOf)
			}
			s := id.Certificate.Subject
			bin, ok := strings.CutPrefix(s.OrganizationalUnit[0], "BIN")
			if _, err := ident.ParseBIN(bin); s.Country[0] != "KZ" || !ok || err != nil {
				t.Errorf("subject %v: %v", s, err)
			}
		})
	}
}

func TestListsAreSigned(t *testing.T) {
	t.Parallel()
	p := fresh(t, ECDSA)
	issuers := append(p.Roots(), p.Intermediates()...)
	for i, l := range p.CRLs() {
		if err := l.CheckSignatureFrom(issuers[i]); err != nil {
			t.Errorf("list %d: %v", i, err)
		}
		if noon.Before(l.ThisUpdate) || noon.After(l.NextUpdate) {
			t.Errorf("list %d is not current", i)
		}
	}
}

func TestKeyTypes(t *testing.T) {
	t.Parallel()
	if _, ok := identity(t, fresh(t, ""), Client).Key.(*rsa.PrivateKey); !ok {
		t.Error("the default is not RSA")
	}
	if _, ok := identity(t, fresh(t, ECDSA), Client).Key.(*ecdsa.PrivateKey); !ok {
		t.Error("ECDSA asked for, another key made")
	}
	if _, err := New(Options{Keys: "dsa-1024"}); err == nil {
		t.Error("an unknown key type is accepted")
	}
	if _, err := fresh(t, ECDSA).Identity("nobody"); err == nil {
		t.Error("an unknown role is accepted")
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	p, dir := fresh(t, ECDSA), t.TempDir()
	f, err := p.WriteFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(f.ClientKey, 0o644); err != nil {
		t.Fatal(err)
	}
	if f, err = p.WriteFiles(dir); err != nil { // replaces a file that others could read
		t.Fatal(err)
	}
	info, err := os.Stat(f.ClientKey)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	block, _ := pem.Decode(read(t, f.ClientKey))
	if block == nil || block.Type != "PRIVATE KEY" {
		t.Fatal("no key in the key file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil || !identity(t, p, Client).Key.(*ecdsa.PrivateKey).Equal(key) {
		t.Errorf("another key was written: %v", err)
	}
	for name, want := range map[string]int{f.Roots[0]: 1, f.Intermediates[0]: 1, f.Known[0]: 2, f.CRLs[0]: 2, f.ClientCertificate: 1} {
		if got := strings.Count(string(read(t, name)), "-----BEGIN"); got != want {
			t.Errorf("%s: %d objects, want %d", name, got, want)
		}
	}
	if _, err := p.WriteFiles(dir + "/missing"); err == nil {
		t.Error("a missing folder is accepted")
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
