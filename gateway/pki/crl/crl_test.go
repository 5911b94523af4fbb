package crl_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

type template = x509.RevocationList

func now() time.Time { return pkitest.Now() }

func parse(t testing.TB, der []byte) *crl.List {
	t.Helper()
	l, err := crl.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestFields reads what the standard library wrote and compares with what it
// reads, for every kind of serial number, date and reason.
func TestFields(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.Custom(func(rt *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(-631152000, 4102444800).Draw(rt, "s"), 0).UTC() // 1950 to 2100: both forms of time
		})
		in := template{ThisUpdate: at.Draw(rt, "this"), Number: big.NewInt(rapid.Int64Range(0, 1<<40).Draw(rt, "number"))}
		in.NextUpdate = in.ThisUpdate.Add(time.Duration(rapid.Int64Range(1, 1<<24).Draw(rt, "term")) * time.Second)
		for range rapid.IntRange(0, 12).Draw(rt, "n") {
			serial := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "serial"))
			in.RevokedCertificateEntries = append(in.RevokedCertificateEntries, x509.RevocationListEntry{
				SerialNumber: serial.Add(serial, big.NewInt(1)), RevocationTime: at.Draw(rt, "since"), ReasonCode: rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 9, 10}).Draw(rt, "reason"),
			})
		}
		der := ca.ListDER(t, in)
		want, err := x509.ParseRevocationList(der)
		if err != nil {
			rt.Fatal(err)
		}
		got := parse(t, der)
		if !bytes.Equal(got.RawIssuer, want.RawIssuer) || !got.ThisUpdate.Equal(want.ThisUpdate) || !got.NextUpdate.Equal(want.NextUpdate) ||
			got.Number.Cmp(want.Number) != 0 || !bytes.Equal(got.AuthorityKeyID, want.AuthorityKeyId) || !got.Complete() || got.Base != nil {
			rt.Fatalf("fields: %+v", got)
		}
		if err := got.CheckFrom(ca.Certificate); err != nil {
			rt.Fatal(err)
		}
		first := map[string]bool{}
		for _, e := range want.RevokedCertificateEntries {
			if s := e.SerialNumber.String(); first[s] {
				continue
			} else {
				first[s] = true
			}
			found, ok := got.Find(e.SerialNumber)
			if !ok || !found.Since.Equal(e.RevocationTime) || int(found.Reason) != e.ReasonCode {
				rt.Fatalf("serial %x: %v %v, want %v", e.SerialNumber, ok, found, e)
			}
			absent := new(big.Int).Lsh(e.SerialNumber, 168) // longer than any
			if _, ok := got.Find(absent); ok {
				rt.Fatalf("serial %x is found, but not in the list", absent)
			}
		}
		if got.Len() != len(first) {
			rt.Fatalf("%d entries, want %d", got.Len(), len(first))
		}
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	entry := func(serial int64, reason pki.CRLReason) x509.RevocationListEntry {
		return x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: now(), ReasonCode: int(reason)}
	}
	l := ca.List(t, template{RevokedCertificateEntries: []x509.RevocationListEntry{
		entry(1, 1), entry(128, 2), entry(0x8000, 3), entry(7, 4), entry(7, 5), entry(9, pki.RemoveFromCRL), entry(9, 6), entry(10, 6), entry(10, pki.RemoveFromCRL),
	}})
	huge := new(big.Int).Lsh(big.NewInt(1), 1024)
	for _, tt := range []struct {
		name   string
		serial *big.Int
		reason pki.CRLReason
		found  bool
	}{
		{"one", big.NewInt(1), 1, true},
		{"with a zero in front", big.NewInt(128), 2, true},
		{"two bytes with a zero in front", big.NewInt(0x8000), 3, true},
		{"named twice", big.NewInt(7), 4, true},
		{"lifted, then on hold: counts as on hold", big.NewInt(9), 6, true},
		{"on hold, then lifted: counts as on hold", big.NewInt(10), 6, true},
		{"prefix of another", big.NewInt(0x80), 2, true},
		{"absent", big.NewInt(2), 0, false},
		{"zero", big.NewInt(0), 0, false},
		{"longer than any", huge, 0, false},
	} {
		e, ok := l.Find(tt.serial)
		if ok != tt.found || e.Reason != tt.reason {
			t.Errorf("%s: %v %v", tt.name, ok, e)
		}
	}
	if l.Len() != 6 {
		t.Errorf("%d certificates", l.Len())
	}
	if _, ok := ca.List(t, template{}).Find(big.NewInt(1)); ok {
		t.Error("found in an empty list")
	}
}

// TestFindAllocatesNothing is not parallel: it counts for the whole process.
func TestFindAllocatesNothing(t *testing.T) {
	ca := pkitest.NewAuthority(t, "Root")
	l := ca.List(t, template{RevokedCertificateEntries: pkitest.Entries(now(), 1, ca.Certificate)})
	if n := testing.AllocsPerRun(10, func() { l.Find(ca.Certificate.SerialNumber) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCheckFrom holds each refusal to its error, for every key family.
func TestCheckFrom(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.Keys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := pkitest.NewAuthority(t, "Root")
			usage := func(u x509.KeyUsage) func(*x509.Certificate) {
				return func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, u }
			}
			issue := func(name string, change ...func(*x509.Certificate)) *x509.Certificate {
				return root.Issue(t, name, key.Public(), change...)
			}
			ca := &pkitest.Authority{Certificate: issue("CA", usage(x509.KeyUsageCRLSign)), Key: key}
			l := ca.List(t, template{RevokedCertificateEntries: pkitest.Entries(now(), 0, root.Certificate)})
			spoilt := func(change func(der []byte)) *crl.List {
				der := bytes.Clone(ca.ListDER(t, template{}))
				change(der)
				return parse(t, der)
			}
			for _, tt := range []struct {
				name   string
				list   *crl.List
				issuer *x509.Certificate
				want   error
			}{
				{"right", l, ca.Certificate, nil},
				{"another certificate of the same key", l, issue("CA", usage(x509.KeyUsageCRLSign|x509.KeyUsageCertSign)), nil},
				{"no keyUsage", l, issue("CA", usage(0)), nil},
				{"another name", l, issue("CB", usage(x509.KeyUsageCRLSign)), crl.ErrIssuer},
				{"may not sign lists", l, issue("CA", usage(x509.KeyUsageCertSign)), crl.ErrKeyUsage},
				{"no authority", l, issue("CA", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }), crl.ErrKeyUsage},
				{"same name, other key", l, pkitest.NewAuthority(t, "CA").Certificate, pki.ErrSignature},
				{"last byte changed", spoilt(func(b []byte) { b[len(b)-1] ^= 1 }), ca.Certificate, pki.ErrSignature},
			} {
				err := tt.list.CheckFrom(tt.issuer)
				var algorithm *pki.AlgorithmError
				// A key of another family does not go with the algorithm.
				otherFamily := errors.Is(tt.want, pki.ErrSignature) && errors.As(err, &algorithm)
				if !errors.Is(err, tt.want) && !otherFamily {
					t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
				}
			}
		})
	}
}

// A raw list, for what the standard library does not write.
type (
	rawTBS struct {
		Version    int `asn1:"optional,default:-1"`
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		This       time.Time
		Next       time.Time        `asn1:"optional"`
		Revoked    []rawEntry       `asn1:"optional,omitempty"`
		Extensions []pkix.Extension `asn1:"explicit,tag:0,optional,omitempty"`
	}
	rawEntry struct {
		Serial     *big.Int
		Since      time.Time
		Extensions []pkix.Extension `asn1:"optional,omitempty"`
	}
)

func sign(t testing.TB, ca *pkitest.Authority, change func(*rawTBS)) []byte {
	t.Helper()
	tbs := rawTBS{Version: 1, Algorithm: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}, Issuer: asn1.RawValue{FullBytes: ca.Certificate.RawSubject}, This: now(), Next: now().Add(time.Hour)}
	change(&tbs)
	der, err := asn1.Marshal(tbs)
	if err != nil {
		t.Fatal(err)
	}
	algorithms, value, err := pki.SignMessage(ca.Key, der)
	if err != nil {
		t.Fatal(err)
	}
	out, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Value     asn1.BitString
	}{asn1.RawValue{FullBytes: der}, algorithms.Signature, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLenient reads lists as live ones are and the standard library would not
// have them.
func TestLenient(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	for _, tt := range []struct {
		name   string
		change func(*rawTBS)
	}{
		{"inner algorithm with other parameters", func(l *rawTBS) { l.Algorithm.Parameters = asn1.NullRawValue }},
		{"inner algorithm of another name", func(l *rawTBS) { l.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 2} }},
		{"version 1", func(l *rawTBS) { l.Version = -1 }},
		{"without nextUpdate", func(l *rawTBS) { l.Next = time.Time{} }},
		{"without number", func(*rawTBS) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := sign(t, ca, tt.change)
			l := parse(t, der)
			if err := l.CheckFrom(ca.Certificate); err != nil {
				t.Error(err)
			}
			if !l.Complete() || l.Number != nil {
				t.Errorf("%+v", l)
			}
		})
	}
	if _, err := x509.ParseRevocationList(sign(t, ca, func(l *rawTBS) { l.Algorithm.Parameters = asn1.NullRawValue })); err == nil {
		t.Log("the standard library has become lenient too")
	}
}

// TestMeaning: what limits a list is remembered.
func TestMeaning(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	odd := asn1.ObjectIdentifier{1, 2, 398, 9, 9}
	point := asn1.ObjectIdentifier{2, 5, 29, 28}
	reason := func(r byte, critical bool) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Critical: critical, Value: []byte{0x0a, 1, r}}
	}
	with := func(e ...pkix.Extension) func(*rawTBS) { return func(l *rawTBS) { l.Extensions = e } }
	entries := func(e ...rawEntry) func(*rawTBS) { return func(l *rawTBS) { l.Revoked = e } }
	for _, tt := range []struct {
		name     string
		change   func(*rawTBS)
		complete bool
		limiting int
		entries  int
	}{
		{"nothing", func(*rawTBS) {}, true, 0, 0},
		{"unknown extension", with(pkix.Extension{Id: odd, Value: []byte{5, 0}}), true, 0, 0},
		{"unknown critical extension", with(pkix.Extension{Id: odd, Critical: true, Value: []byte{5, 0}}), false, 1, 0},
		{"issuingDistributionPoint", with(pkix.Extension{Id: point, Critical: true, Value: []byte{0x30, 0}}), false, 1, 0},
		{"the same, not critical", with(pkix.Extension{Id: point, Value: []byte{0x30, 0}}), false, 1, 0},
		{"delta", with(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 7}}), false, 0, 0},
		{"entry with a critical reason", entries(rawEntry{big.NewInt(2), now(), []pkix.Extension{reason(1, true)}}), true, 0, 1},
		{"entry with an unknown extension", entries(rawEntry{big.NewInt(2), now(), []pkix.Extension{{Id: odd, Value: []byte{5, 0}}, reason(1, false)}}), true, 0, 1},
		{
			"entry of another issuer: those behind it are his too",
			entries(rawEntry{big.NewInt(2), now(), nil}, rawEntry{big.NewInt(3), now(), []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}}}, rawEntry{big.NewInt(4), now(), nil}),
			false, 1, 1,
		},
	} {
		l := parse(t, sign(t, ca, tt.change))
		if l.Complete() != tt.complete || len(l.Limiting) != tt.limiting || l.Len() != tt.entries {
			t.Errorf("%s: complete %v, %v, %d entries", tt.name, l.Complete(), l.Limiting, l.Len())
		}
		if err := l.CheckFrom(ca.Certificate); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	l := parse(t, sign(t, ca, with(pkix.Extension{Id: odd, Critical: true, Value: []byte{5, 0}})))
	if !l.Limiting[0].Equal(odd) {
		t.Errorf("remembered as %v", l.Limiting)
	}
}

// TestMalformed: every refusal, by its error.
func TestMalformed(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	good := sign(t, ca, func(l *rawTBS) { l.Revoked = []rawEntry{{big.NewInt(2), now(), nil}} })
	ext := func(e pkix.Extension) []byte {
		return sign(t, ca, func(l *rawTBS) { l.Extensions = []pkix.Extension{e} })
	}
	entry := func(e pkix.Extension) []byte {
		return sign(t, ca, func(l *rawTBS) { l.Revoked = []rawEntry{{big.NewInt(2), now(), []pkix.Extension{e}}} })
	}
	replace := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("the list lacks %q", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	certificate := ca.Certificate.Raw
	for _, tt := range []struct {
		name string
		der  []byte
		max  crl.Limits
		want error
	}{
		{"good", good, crl.Limits{}, nil},
		{"nothing", nil, crl.Limits{}, crl.ErrMalformed},
		{"text", []byte("hunter2"), crl.Limits{}, crl.ErrMalformed},
		{"cut off", good[:len(good)-1], crl.Limits{}, crl.ErrMalformed},
		{"a byte behind", append(bytes.Clone(good), 0), crl.Limits{}, crl.ErrMalformed},
		{"certificate", certificate, crl.Limits{}, crl.ErrMalformed},
		{"version 3", sign(t, ca, func(l *rawTBS) { l.Version = 2 }), crl.Limits{}, crl.ErrMalformed},
		{"ends before it begins", sign(t, ca, func(l *rawTBS) { l.Next = l.This.Add(-time.Second) }), crl.Limits{}, crl.ErrMalformed},
		{"date without zone", replace("261101120000Z", "2611011200000"), crl.Limits{}, crl.ErrMalformed},
		{"31 November", replace("261101120000Z", "261131120000Z"), crl.Limits{}, crl.ErrMalformed},
		{"month 13", replace("261101120000Z", "261301120000Z"), crl.Limits{}, crl.ErrMalformed},
		{"month 0", replace("261101120000Z", "260001120000Z"), crl.Limits{}, crl.ErrMalformed},
		{"hour 24", replace("261101120000Z", "261101240000Z"), crl.Limits{}, crl.ErrMalformed},
		{"second 60", replace("261101120000Z", "261101120060Z"), crl.Limits{}, crl.ErrMalformed},
		{"letters for digits", replace("261101120000Z", "26110112000aZ"), crl.Limits{}, crl.ErrMalformed},
		{"number that is none", ext(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 20}, Value: []byte{5, 0}}), crl.Limits{}, crl.ErrMalformed},
		{"delta of no number", ext(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Value: []byte{}}), crl.Limits{}, crl.ErrMalformed},
		{"key identifier that is none", ext(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: []byte{4, 0}}), crl.Limits{}, crl.ErrMalformed},
		{"reason that is none", entry(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{2, 1, 1}}), crl.Limits{}, crl.ErrMalformed},
		{"reason below 0", entry(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{0x0a, 1, 0xff}}), crl.Limits{}, crl.ErrMalformed},
		{"33 extensions", sign(t, ca, func(l *rawTBS) {
			l.Extensions = slices.Repeat([]pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9}, Critical: true}}, 33)
		}), crl.Limits{}, crl.ErrMalformed},
		{"as long as allowed", good, crl.Limits{Bytes: len(good)}, nil},
		{"too long", good, crl.Limits{Bytes: len(good) - 1}, crl.ErrTooLong},
		{"as many entries as allowed", many(t, ca, 3), crl.Limits{Entries: 3}, nil},
		{"too many entries", many(t, ca, 4), crl.Limits{Entries: 3}, crl.ErrTooLong},
	} {
		l, err := tt.max.Parse(tt.der)
		if !errors.Is(err, tt.want) || (l == nil) != (tt.want != nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// many makes a list of n entries with serial numbers of 20 bytes.
func many(t testing.TB, ca *pkitest.Authority, n int) []byte {
	t.Helper()
	random := make([]byte, 20*n)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	entries := make([]rawEntry, n)
	for i := range entries {
		serial := random[20*i : 20*i+20]
		serial[0] &= 0x7f
		entries[i] = rawEntry{new(big.Int).SetBytes(serial), now(), []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{0x0a, 1, 5}}}}
	}
	return sign(t, ca, func(l *rawTBS) { l.Revoked = entries })
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	list := func(number int64, base byte) *crl.List {
		l := template{Number: big.NewInt(number)}
		if base > 0 {
			l = pkitest.Delta(base, l)
		}
		return ca.List(t, l)
	}
	limited := ca.List(t, template{Number: big.NewInt(5), ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 0}}}})
	unnumbered := parse(t, sign(t, ca, func(*rawTBS) {}))
	for _, tt := range []struct {
		name        string
		delta, base *crl.List
		want        bool
	}{
		{"of this base", list(6, 5), list(5, 0), true},
		{"of an earlier base", list(9, 5), list(7, 0), true},
		{"of a later base", list(9, 8), list(7, 0), false},
		{"not later than the base", list(7, 5), list(7, 0), false},
		{"older than the base", list(6, 5), list(7, 0), false},
		{"no delta", list(6, 0), list(5, 0), false},
		{"delta on delta", list(9, 5), list(6, 5), false},
		{"on a list of some certificates", list(9, 5), limited, false},
		{"on a list without number", list(9, 5), unnumbered, false},
	} {
		if got := tt.delta.Updates(tt.base); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	der := ca.ListDER(t, template{RevokedCertificateEntries: pkitest.Entries(now(), 0, ca.Certificate)})
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	for _, tt := range []struct {
		name, text string
		max        int
		want       int
	}{
		{"PEM", block("X509 CRL", der), 0, 1},
		{"two", block("X509 CRL", der) + block("X509 CRL", der), 0, 2},
		{"DER", string(der), 0, 1},
		{"cut off", string(der[:40]), 0, 0},
		{"certificate", block("CERTIFICATE", ca.Certificate.Raw), 0, 0},
		{"nothing", "", 0, 0},
		{"PEM of a list as long as allowed", block("X509 CRL", der), len(der), 1},
		{"DER too long", string(der), len(der) - 1, 0},
		{"file too long", string(make([]byte, 3*len(der))), len(der), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := crl.Limits{Bytes: tt.max}.Load(path)
			if len(got) != tt.want || (err == nil) != (tt.want > 0) {
				t.Errorf("%d lists, %v", len(got), err)
			}
			if err != nil && !bytes.Contains([]byte(err.Error()), []byte(path)) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
	if _, err := crl.Load(filepath.Join(t.TempDir(), "missing")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestFreshestURLs(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	urls := []string{"http://crl.example.kz/nca_d.crl", "https://crl1.example.kz/nca_d.crl"}
	// The extension has the form of the other one, which the standard library
	// writes and reads.
	source := ca.Issue(t, "Points", ca.Key.Public(), func(c *x509.Certificate) { c.CRLDistributionPoints = urls })
	var value []byte
	for _, e := range source.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 31}) {
			value = e.Value
		}
	}
	read := func(value []byte) []string {
		return crl.FreshestURLs(ca.Issue(t, "Freshest", ca.Key.Public(), func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 46}, Value: value}}
		}))
	}
	if got := read(value); len(got) != 2 || got[0] != urls[0] || got[1] != urls[1] {
		t.Errorf("%q", got)
	}
	for name, value := range map[string][]byte{"empty": {}, "no sequence": {5, 0}, "empty point": {0x30, 2, 0x30, 0}, "cut off": value[:len(value)-1]} {
		if got := read(value); len(got) != 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := crl.FreshestURLs(source); got != nil {
		t.Errorf("without the extension: %q", got)
	}
}
