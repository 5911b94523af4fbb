package inspect_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/inspect"
	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/mocks/pki"
)

func world(t *testing.T) *pki.PKI {
	t.Helper()
	p, err := pki.New(pki.Options{Suite: pki.ECDSA})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNamesOfKeys: a name that may be a person's is hidden.
func TestNamesOfKeys(t *testing.T) {
	t.Parallel()
	p := world(t)
	person, err := p.Person(pki.Person{IIN: "904315300120", Surname: "СЫНАҚБЕКОВ", Given: "АСАН"})
	if err != nil {
		t.Fatal(err)
	}
	system, err := p.Identity(pki.Client)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Repeat("0a", 20)
	for _, tt := range []struct {
		name     string
		of       *x509.Certificate
		personal bool
		want     string
	}{
		{"Сынақбеков", person.Certificate, false, "(hidden)"},
		{"Сынақбеков", person.Certificate, true, "Сынақбеков"},
		{"904315300120", person.Certificate, false, "(hidden)"},
		{"Сынақбеков", nil, false, "(hidden)"},
		{id, person.Certificate, false, id},
		{"gateway", system.Certificate, false, "gateway"},
		{"", person.Certificate, false, ""},
	} {
		b := &gatewaypki.Bundle{Identities: []gatewaypki.Identity{{Name: tt.name, Key: system.Key, Certificate: tt.of}}}
		f := inspect.OfFile("f", b, inspect.Options{At: time.Now(), Personal: tt.personal})
		if got := f.Keys[0].Name; got != tt.want {
			t.Errorf("%q of %v, personal %v: %q", tt.name, tt.of != nil, tt.personal, got)
		}
		var text bytes.Buffer
		f.Print(&text)
		object, err := json.Marshal(f)
		if all := text.String() + string(object); err != nil || !tt.personal && (strings.Contains(all, "904315300120") || strings.Contains(all, "СЫНАҚБЕКОВ")) {
			t.Errorf("a person is named: %s", all)
		}
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		from, to time.Duration
		state    inspect.State
		days     int
		left     string
	}{
		{-day, 10*day + time.Hour, inspect.Valid, 10, "10 days left"},
		{-day, time.Hour, inspect.Valid, 0, "0 days left"},
		{-day, 0, inspect.Valid, 0, "0 days left"},
		{-2 * day, -time.Second, inspect.Expired, 0, "expired 0 days ago"},
		{-9 * day, -3 * day, inspect.Expired, -3, "expired 3 days ago"},
		{time.Second, day, inspect.NotYetValid, 1, "not valid yet"},
	} {
		c := &x509.Certificate{NotBefore: now.Add(tt.from), NotAfter: now.Add(tt.to), SerialNumber: big.NewInt(1)}
		got := inspect.OfCertificate(c, inspect.Options{At: now})
		if got.State != tt.state || got.DaysLeft != tt.days || got.Left() != tt.left {
			t.Errorf("%s to %s: %s, %d, %s", tt.from, tt.to, got.State, got.DaysLeft, got.Left())
		}
	}
}

// TestUses: usages have their names, roles stand apart, and what has no name is a
// number.
func TestUses(t *testing.T) {
	t.Parallel()
	c := inspect.OfCertificate(&x509.Certificate{
		SerialNumber: big.NewInt(255), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageCRLSign | x509.KeyUsageDecipherOnly,
		ExtKeyUsage:        []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageIPSECUser},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 398, 3, 3, 4, 1, 2, 6}, {1, 2, 398, 3, 3, 4, 1, 9}},
	}, inspect.Options{})
	if want := []string{"digitalSignature", "nonRepudiation", "cRLSign", "decipherOnly"}; !slices.Equal(c.KeyUsage, want) {
		t.Errorf("key usage %q", c.KeyUsage)
	}
	if want := []string{"timeStamping", "usage 7 of crypto/x509", "1.2.398.3.3.4.1.9"}; !slices.Equal(c.ExtendedUses, want) {
		t.Errorf("extended %q", c.ExtendedUses)
	}
	if want := []gatewaypki.Role{gatewaypki.RoleInformationSystem}; !slices.Equal(c.Roles, want) || c.Serial != "ff" || c.Signature != "not readable" {
		t.Errorf("roles %q, serial %s, signature %s", c.Roles, c.Serial, c.Signature)
	}
	if k := inspect.OfKey(ed25519.PublicKey(make([]byte, 32))); k.String() != "not supported" || k.Fingerprint != "" {
		t.Errorf("a key of another kind is %+v", k)
	}
}
