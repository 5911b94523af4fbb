package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func fresh(t *testing.T, s Suite) *PKI {
	t.Helper()
	p, err := New(Options{Clock: func() time.Time { return noon }, Suite: s, URL: "http://pki.mock"})
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

// each runs a test for every suite.
func each(t *testing.T, do func(t *testing.T, p *PKI)) {
	t.Helper()
	for _, s := range Suites() {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			do(t, fresh(t, s))
		})
	}
}

// TestRoles checks for every role whether it verifies now, and if not, that the
// reason is the one its name says.
func TestRoles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		store := gatewaypki.NewStore(gatewaypki.Options{Roots: p.Roots(), Intermediates: p.Intermediates()})
		servers := gatewaypki.NewStore(gatewaypki.Options{Roots: p.TLSRoots()})
		revoked := map[string]bool{}
		for _, l := range p.CRLs() {
			for _, e := range l.RevokedCertificateEntries {
				revoked[e.SerialNumber.String()] = true
			}
		}
		type test struct {
			role    Role
			at      time.Time // when it must verify; zero: never
			now     bool      // verifies now
			revoked bool
			keyOf   Role
			server  bool
		}
		tests := []test{
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
			{role: Server, at: noon, now: true, server: true},
			{role: AttackerServer, server: true},
			{role: OCSP, at: noon, now: true},
			{role: AttackerOCSP},
			{role: TSA, at: noon, now: true},
			{role: AttackerTSA},
		}
		for name := range owners() {
			tests = append(tests, test{role: Owner(name), at: noon, now: true, keyOf: Registry})
		}
		if len(tests) != len(templates()) {
			t.Fatalf("%d roles tested of %d", len(tests), len(templates()))
		}
		for _, tt := range tests {
			id := identity(t, p, tt.role)
			verifies := func(s *gatewaypki.Store, at time.Time) bool {
				_, err := s.Resolve(t.Context(), gatewaypki.Hint{Certificates: [][]byte{id.Certificate.Raw}}, at)
				return err == nil
			}
			above, beside := store, servers
			if tt.server {
				above, beside = servers, store
			}
			if verifies(above, noon) != tt.now {
				t.Errorf("%s verifies now: %v", tt.role, !tt.now)
			}
			if !tt.at.IsZero() && !verifies(above, tt.at) {
				t.Errorf("%s does not verify at %v", tt.role, tt.at)
			}
			if verifies(beside, noon) {
				t.Errorf("%s verifies under the other root", tt.role)
			}
			if got := revoked[id.Certificate.SerialNumber.String()]; got != tt.revoked {
				t.Errorf("%s is revoked: %v", tt.role, got)
			}
			if tt.keyOf != "" && identity(t, p, tt.keyOf).Key != id.Key {
				t.Errorf("%s has another key than %s", tt.role, tt.keyOf)
			}
			if !gatewaypki.SameKey(id.Certificate.PublicKey, id.Key.Public()) {
				t.Errorf("%s: the key is not that of the certificate", tt.role)
			}
			if _, err := ident.ParseBIN(gatewaypki.SubjectBIN(id.Certificate)); id.Certificate.Subject.Country[0] != "KZ" || err != nil {
				t.Errorf("%s: subject %v: %v", tt.role, id.Certificate.Subject, err)
			}
		}
	})
}

// TestServerCertificate: crypto/x509 itself verifies it, in every suite.
func TestServerCertificate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		roots := x509.NewCertPool()
		roots.AddCert(p.TLSRoots()[0])
		o := x509.VerifyOptions{Roots: roots, CurrentTime: noon, DNSName: "localhost"}
		if _, err := identity(t, p, Server).Certificate.Verify(o); err != nil {
			t.Error(err)
		}
		if _, err := identity(t, p, AttackerServer).Certificate.Verify(o); err == nil {
			t.Error("the attacker's is trusted")
		}
	})
}

// TestPersons: a person of each kind, as somebody looks who signs a document.
func TestPersons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		store := gatewaypki.NewStore(gatewaypki.Options{Roots: p.Roots(), Intermediates: p.Intermediates()})
		who := Person{IIN: "905101300007", Surname: "СЫНАҚОВ", Given: "АСАН", Patronymic: "СЫНАҚҰЛЫ"}
		head := who
		head.Organization, head.BIN = "СЫНАҚ ҰЙЫМЫ", "991240003008"
		for _, tt := range []struct {
			who   Person
			roles []gatewaypki.Role
		}{
			{who, []gatewaypki.Role{gatewaypki.RoleIndividual}},
			{head, []gatewaypki.Role{gatewaypki.RoleLegalEntity, gatewaypki.RoleHead}},
		} {
			id, err := p.Person(tt.who)
			if err != nil {
				t.Fatal(err)
			}
			c := id.Certificate
			if _, err := store.Resolve(t.Context(), gatewaypki.Hint{Certificates: [][]byte{c.Raw}}, noon); err != nil {
				t.Error(err)
			}
			if gatewaypki.SubjectIIN(c) != tt.who.IIN || gatewaypki.SubjectBIN(c) != tt.who.BIN || c.Subject.CommonName != "СЫНАҚОВ АСАН" {
				t.Error("the subject is not the person")
			}
			if got := gatewaypki.RolesOf(c); len(got) != len(tt.roles) || got[0] != tt.roles[0] || got[len(got)-1] != tt.roles[len(tt.roles)-1] {
				t.Errorf("roles %v", got)
			}
			if again, err := p.Person(tt.who); err != nil || again.Certificate.SerialNumber.Cmp(c.SerialNumber) == 0 || gatewaypki.SameKey(again.Key.Public(), id.Key.Public()) {
				t.Errorf("the same was issued again: %v", err)
			}
		}
	})
}

func TestListsAreSigned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		issuers := append(p.Roots(), p.Intermediates()...)
		for i, l := range p.CRLs() {
			s, err := gatewaypki.ParseSigned(l.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(issuers[i].PublicKey); err != nil {
				t.Errorf("list %d: %v", i, err)
			}
			if noon.Before(l.ThisUpdate) || noon.After(l.NextUpdate) {
				t.Errorf("list %d is not current", i)
			}
		}
	})
}

func TestSuites(t *testing.T) {
	t.Parallel()
	if p := fresh(t, ""); p.Suite() != Suites()[0] {
		t.Errorf("the default is %s", p.Suite())
	}
	names := map[Suite]string{GOST2015: "ГОСТ 34.10-2015/512", GOST2004: "ГОСТ 34.310-2004", RSA: "RSA-SHA256", ECDSA: "ECDSA-SHA256"}
	for _, s := range Suites() {
		p := fresh(t, s)
		above := s
		if s == RSA {
			above = ECDSA
		}
		for c, want := range map[*x509.Certificate]Suite{
			identity(t, p, Client).Certificate: s, identity(t, p, Server).Certificate: ECDSA,
			p.Roots()[0]: above, p.Intermediates()[0]: above, p.TLSRoots()[0]: ECDSA,
		} {
			if a, _, err := gatewaypki.AlgorithmsOf(c.PublicKey); err != nil || a.Name != names[want] {
				t.Errorf("%s: %s has a key for %s: %v", s, c.Subject, a.Name, err)
			}
		}
	}
	if _, err := New(Options{Suite: "dsa-1024"}); err == nil {
		t.Error("an unknown suite is accepted")
	}
	if _, err := fresh(t, ECDSA).Identity("nobody"); err == nil {
		t.Error("an unknown role is accepted")
	}
}

// TestAddresses: certificates say where to ask about them if that is known.
func TestAddresses(t *testing.T) {
	t.Parallel()
	c := identity(t, fresh(t, ECDSA), Client).Certificate
	if len(c.OCSPServer) != 1 || c.OCSPServer[0] != "http://pki.mock/ocsp" || len(c.CRLDistributionPoints) != 1 || c.CRLDistributionPoints[0] != "http://pki.mock/crl/system.crl" {
		t.Errorf("%v, %v", c.OCSPServer, c.CRLDistributionPoints)
	}
	p, err := New(Options{Suite: ECDSA})
	if err != nil {
		t.Fatal(err)
	}
	if c := identity(t, p, Client).Certificate; c.OCSPServer != nil || c.CRLDistributionPoints != nil {
		t.Errorf("%v, %v", c.OCSPServer, c.CRLDistributionPoints)
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		dir := t.TempDir()
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
		for _, name := range []string{f.ClientKey, f.ClientKeystore, f.KeystorePassword} {
			info, err := os.Stat(name)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
		store, err := pkcs12.Decode(read(t, f.ClientKeystore), read(t, f.KeystorePassword), pkcs12.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := gatewaypki.ParsePKCS8(store.Keys[0].PKCS8)
		if err != nil || !gatewaypki.SameKey(kept.Public(), identity(t, p, Client).Key.Public()) || !bytes.Equal(store.Certificates[0].DER, identity(t, p, Client).Certificate.Raw) {
			t.Errorf("the keystore holds something else: %v", err)
		}
		block, _ := pem.Decode(read(t, f.ClientKey))
		if block == nil || block.Type != "PRIVATE KEY" {
			t.Fatal("no key in the key file")
		}
		key, err := gatewaypki.LoadKey(f.ClientKey)
		if err != nil || !gatewaypki.SameKey(identity(t, p, Client).Key.Public(), key.Public()) {
			t.Errorf("another key was written: %v", err)
		}
		for name, want := range map[string]int{f.Roots[0]: 1, f.Intermediates[0]: 1, f.Known[0]: 2 + len(owners()), f.CRLs[0]: 2, f.TLSRoots[0]: 1, f.ClientCertificate: 1} {
			if got := strings.Count(string(read(t, name)), "-----BEGIN"); got != want {
				t.Errorf("%s: %d objects, want %d", name, got, want)
			}
		}
		if _, err := p.WriteFiles(dir + "/missing"); err == nil {
			t.Error("a missing folder is accepted")
		}
	})
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
