package applicant_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/applicant"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

const (
	application = "<өтініш><жәрдемақы>бала туғанда</жәрдемақы></өтініш>"
	surname     = "СЫНАҚОВА"
)

// Roles of the national centre, 1.2.398.3.3.4.1...
var (
	individual = national(1)
	entity     = national(2)
	system     = national(2, 6)
)

func national(n ...int) asn1.ObjectIdentifier {
	return append(asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 1}, n...)
}

func iin(t testing.TB, serial int) ident.IIN {
	t.Helper()
	n, err := ident.SyntheticIIN(1990, time.March, 15, ident.Female, serial)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// subject makes a certificate of somebody with the text of serialNumber and
// with roles.
func subject(serialNumber string, roles ...asn1.ObjectIdentifier) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject.CommonName, c.Subject.SerialNumber = surname+" АЙГЕРІМ", serialNumber
		c.ExtKeyUsage, c.UnknownExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, roles
	}
}

// signed is one document in every form.
type signed map[string]applicant.Request

// sign signs the application with a certificate of the authority.
func sign(t testing.TB, ca *pkitest.Authority, who ident.IIN, changes ...func(*x509.Certificate)) signed {
	t.Helper()
	return signWith(t, pkitest.ECKey(t), ca, who, changes...)
}

func signWith(t testing.TB, key crypto.Signer, ca *pkitest.Authority, who ident.IIN, changes ...func(*x509.Certificate)) signed {
	t.Helper()
	cert := ca.Issue(t, surname, key.Public(), changes...)
	s, err := xmldsig.NewSigner(key, cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	document, err := xmldsig.SignEnveloped(context.Background(), []byte(application), s)
	if err != nil {
		t.Fatal(err)
	}
	make := func(o cms.SignOptions) []byte {
		b, err := cms.Sign([]byte(application), key, cert, o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	attached := make(cms.SignOptions{SigningTime: pkitest.Now()})
	return signed{
		"XML":          {Document: document, IIN: who},
		"XML with BOM": {Document: append([]byte("\ufeff"), document...), IIN: who},
		"CMS":          {Document: attached, IIN: who},
		"CMS in PEM":   {Document: pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: attached}), IIN: who},
		"CMS in text":  {Document: []byte(base64.StdEncoding.EncodeToString(attached)), IIN: who},
		"detached CMS": {Document: make(cms.SignOptions{Detached: true}), Content: []byte(application), IIN: who},
	}
}

func checker(keys pki.KeyResolver) *applicant.Checker {
	return &applicant.Checker{Keys: keys, Clock: pkitest.Now}
}

func check(t testing.TB, c *applicant.Checker, r applicant.Request) applicant.Result {
	t.Helper()
	out, err := c.Check(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	who := iin(t, 101)
	number := "IIN" + who.Reveal()
	for name, roles := range map[string][]asn1.ObjectIdentifier{
		"individual": {individual}, "head": {entity, national(2, 1)}, "signatory": {entity, national(2, 2)},
		"financial": {entity, national(2, 3)}, "staff": {entity, national(2, 4)}, "employee": {entity, national(2, 5)},
	} {
		for form, r := range sign(t, ca, who, subject(number, roles...)) {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				out := check(t, checker(ca.Store()), r)
				if out.Outcome != applicant.Accepted || out.Cause != nil || pki.SubjectIIN(out.Signer.Certificate) != who.Reveal() {
					t.Fatalf("%s: %v", out.Outcome, out.Cause)
				}
				isXML := strings.HasPrefix(form, "XML")
				if isXML == out.Root.IsZero() || isXML != (out.Content == nil) {
					t.Error("what was signed is not handed out in its form")
				}
				if !isXML && string(out.Content) != application || isXML && out.Root.Local() != "өтініш" {
					t.Error("something else than the application is handed out")
				}
			})
		}
	}
}

func TestEveryFamily(t *testing.T) {
	t.Parallel()
	who := iin(t, 101)
	for family, key := range pkitest.Keys(t) {
		ca := pkitest.NewAuthorityWith(t, "Root", key)
		for form, r := range signWith(t, key, ca, who, subject("IIN"+who.Reveal(), individual)) {
			if out := check(t, checker(ca.Store()), r); out.Outcome != applicant.Accepted {
				t.Errorf("%s %s: %s, %v", family, form, out.Outcome, out.Cause)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	ca, stranger := pkitest.NewAuthority(t, "Root"), pkitest.NewAuthority(t, "Another root")
	who := iin(t, 101)
	number := "IIN" + who.Reveal()
	trusted := ca.Store()
	own := subject(number, individual)
	for _, tt := range []struct {
		name  string
		docs  signed
		keys  pki.KeyResolver
		want  applicant.Outcome
		cause error
	}{
		{"expired", sign(t, ca, who, own, func(c *x509.Certificate) { c.NotAfter = pkitest.Now().Add(-time.Second) }), trusted, applicant.CertificateNotValid, nil},
		{"not yet valid", sign(t, ca, who, own, func(c *x509.Certificate) { c.NotBefore = pkitest.Now().Add(time.Second) }), trusted, applicant.CertificateNotValid, nil},
		{"revoked", sign(t, ca, who, own), reason(pki.ReasonRevoked), applicant.CertificateRevoked, nil},
		{"of a stranger", sign(t, stranger, who, own), trusted, applicant.SignatureInvalid, nil},
		{"for authentication only", sign(t, ca, who, own, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment }), trusted, applicant.SignatureInvalid, applicant.ErrPurpose},
		{"for key agreement only", sign(t, ca, who, own, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement }), trusted, applicant.SignatureInvalid, nil},
		{"somebody else's", sign(t, ca, iin(t, 102), own), trusted, applicant.IINMismatch, applicant.OtherIIN},
		{"somebody else's and for authentication only", sign(t, ca, iin(t, 102), own, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), trusted, applicant.IINMismatch, applicant.OtherIIN},
		{"without an IIN", sign(t, ca, who, subject("", individual)), trusted, applicant.IINMismatch, applicant.NoIIN},
		{"with an empty IIN", sign(t, ca, who, subject("IIN", individual)), trusted, applicant.IINMismatch, applicant.NoIIN},
		{"with the number alone", sign(t, ca, who, subject(who.Reveal(), individual)), trusted, applicant.IINMismatch, applicant.NoIIN},
		{"with digits behind the IIN", sign(t, ca, who, subject(number+"0", individual)), trusted, applicant.IINMismatch, applicant.OtherIIN},
		{"of an information system", sign(t, ca, who, subject("", entity, system)), trusted, applicant.IINMismatch, applicant.NoIIN},
		{"of an information system with an IIN", sign(t, ca, who, subject(number, individual, system)), trusted, applicant.IINMismatch, applicant.NotPerson},
		{"of nobody in particular", sign(t, ca, who, subject(number)), trusted, applicant.IINMismatch, applicant.NotPerson},
		{"of an organisation", sign(t, ca, who, subject(number, entity)), trusted, applicant.IINMismatch, applicant.NotPerson},
		{"of an unknown signer", sign(t, ca, who, own), reason(pki.ReasonUnknown), applicant.SignatureInvalid, nil},
		{"with a weak key", sign(t, ca, who, own), reason(pki.ReasonWeakKey), applicant.SignatureInvalid, nil},
		{"nobody knows what is revoked", sign(t, ca, who, own), reason(pki.ReasonNoRevocation), applicant.Unchecked, nil},
		{"a reason of tomorrow", sign(t, ca, who, own), reason("something-new"), applicant.Unchecked, nil},
		{"the store is broken", sign(t, ca, who, own), broken{}, applicant.Unchecked, errBroken},
	} {
		for form, r := range tt.docs {
			t.Run(tt.name+" "+form, func(t *testing.T) {
				t.Parallel()
				out := check(t, checker(tt.keys), r)
				if out.Outcome != tt.want || (tt.cause != nil && !errors.Is(out.Cause, tt.cause)) || out.Cause == nil {
					t.Errorf("want %s, got %s: %v", tt.want, out.Outcome, out.Cause)
				}
				if out.Signer != nil || !out.Root.IsZero() || out.Content != nil {
					t.Error("something was handed out with the refusal")
				}
				hidesPeople(t, out, who)
			})
		}
	}
}

// hidesPeople holds that nothing printed of a result names the applicant.
func hidesPeople(t *testing.T, out applicant.Result, who ident.IIN) {
	t.Helper()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("checked", "result", out)
	for _, text := range []string{fmt.Sprint(out.Cause), fmt.Sprintf("%+v", out.Cause), log.String()} {
		if strings.Contains(text, who.Reveal()) || strings.Contains(text, surname) || strings.Contains(text, "өтініш") {
			t.Error("a person or the application is printed")
		}
	}
	if !strings.Contains(log.String(), string(out.Outcome)) {
		t.Errorf("the outcome is not logged: %s", log.String())
	}
}

// reason refuses every certificate for a reason.
type reason pki.Reason

func (r reason) Resolve(context.Context, pki.Hint, time.Time) (*pki.Certificate, error) {
	return nil, &pki.Error{Reason: pki.Reason(r), Text: "no"}
}

var errBroken = errors.New("broken")

// broken gives no answer.
type broken struct{}

func (broken) Resolve(context.Context, pki.Hint, time.Time) (*pki.Certificate, error) {
	return nil, errBroken
}

func TestTampered(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	who := iin(t, 101)
	docs := sign(t, ca, who, subject("IIN"+who.Reveal(), individual))
	swap := func(b []byte) []byte { return bytes.Replace(b, []byte("бала"), []byte("анна"), 1) }
	for form, change := range map[string]func(applicant.Request) applicant.Request{
		"XML":          func(r applicant.Request) applicant.Request { r.Document = swap(r.Document); return r },
		"CMS":          func(r applicant.Request) applicant.Request { r.Document = swap(r.Document); return r },
		"detached CMS": func(r applicant.Request) applicant.Request { r.Content = swap(r.Content); return r },
	} {
		out := check(t, checker(ca.Store()), change(docs[form]))
		if out.Outcome != applicant.SignatureInvalid {
			t.Errorf("%s changed after signing: %s, %v", form, out.Outcome, out.Cause)
		}
	}
	for name, r := range map[string]applicant.Request{
		"nothing":                   {IIN: who},
		"text":                      {Document: []byte("өтініш"), IIN: who},
		"XML without a signature":   {Document: []byte(application), IIN: who},
		"XML that is none":          {Document: []byte("<өтініш>"), IIN: who},
		"XML beside other content":  {Document: docs["XML"].Document, Content: []byte(application), IIN: who},
		"CMS beside other content":  {Document: docs["CMS"].Document, Content: []byte("another"), IIN: who},
		"detached without content":  {Document: docs["detached CMS"].Document, IIN: who},
		"detached, another content": {Document: docs["detached CMS"].Document, Content: []byte("another"), IIN: who},
	} {
		out := check(t, checker(ca.Store()), r)
		if out.Outcome != applicant.SignatureInvalid || out.Cause == nil {
			t.Errorf("%s: %s", name, out.Outcome)
		}
	}
}

// TestNoOutcome holds what is the caller's fault apart from what is the
// applicant's.
func TestNoOutcome(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	who := iin(t, 101)
	r := sign(t, ca, who, subject("IIN"+who.Reveal(), individual))["CMS"]
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := checker(ca.Store()).Check(gone, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away: %v", err)
	}
	r.IIN = ident.IIN{}
	if _, err := checker(ca.Store()).Check(context.Background(), r); err == nil {
		t.Error("nobody in particular was checked")
	}
}

// TestTimestamps holds that a time-stamp saves a signature whose certificate has
// expired since, and that trouble with the authority's certificate is not laid
// at the applicant's door.
func TestTimestamps(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	who := iin(t, 101)
	key, tsaKey := pkitest.ECKey(t), pkitest.ECKey(t)
	own := ca.Issue(t, surname, key.Public(), subject("IIN"+who.Reveal(), individual), func(c *x509.Certificate) { c.NotAfter = pkitest.Now().Add(time.Hour) })
	tsa := tsp.Authority{Key: tsaKey, Policy: national(99), Certificate: ca.Issue(t, "TSA", tsaKey.Public(), func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	})}
	stamped := func(at time.Time) []byte {
		b, err := cms.Sign([]byte(application), key, own, cms.SignOptions{Stamp: func(value []byte) ([]byte, error) {
			imprint, err := tsp.NewImprint(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, value)
			if err != nil {
				return nil, err
			}
			query, err := tsp.NewRequest(imprint).Marshal()
			if err != nil {
				return nil, err
			}
			reply, err := tsa.Respond(query, big.NewInt(1), at)
			if err != nil {
				return nil, err
			}
			return tsp.ParseResponse(reply)
		}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	plain, err := cms.Sign([]byte(application), key, own, cms.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return pkitest.Now().AddDate(0, 1, 0) }
	verifier := func(keys pki.KeyResolver) cms.TimestampChecker {
		return (&tsp.Verifier{Keys: keys, Clock: later, AnyUsage: true}).Checker()
	}
	for _, tt := range []struct {
		name     string
		document []byte
		checker  cms.TimestampChecker
		required bool
		want     applicant.Outcome
	}{
		{"stamped in time", stamped(pkitest.Now()), verifier(ca.Store()), true, applicant.Accepted},
		{"not looked at", stamped(pkitest.Now()), nil, false, applicant.CertificateNotValid},
		{"stamped too late", stamped(pkitest.Now().AddDate(0, 0, 1)), verifier(ca.Store()), true, applicant.CertificateNotValid},
		{"not stamped", plain, verifier(ca.Store()), true, applicant.SignatureInvalid},
		{"not stamped and not demanded", plain, verifier(ca.Store()), false, applicant.CertificateNotValid},
		{"the authority has expired", stamped(pkitest.Now()), verifier(reason(pki.ReasonExpired)), false, applicant.SignatureInvalid},
		{"the authority is revoked", stamped(pkitest.Now()), verifier(reason(pki.ReasonRevoked)), false, applicant.SignatureInvalid},
		{"nobody knows of the authority", stamped(pkitest.Now()), verifier(reason(pki.ReasonNoRevocation)), false, applicant.Unchecked},
		{"the store of authorities is broken", stamped(pkitest.Now()), verifier(broken{}), false, applicant.Unchecked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := applicant.Checker{Keys: ca.Store(), Clock: later, Timestamp: tt.checker, RequireTimestamp: tt.required}
			out := check(t, &c, applicant.Request{Document: tt.document, IIN: who})
			if out.Outcome != tt.want {
				t.Errorf("want %s, got %s: %v", tt.want, out.Outcome, out.Cause)
			}
			if out.Outcome == applicant.Accepted && !out.Timestamp.Equal(pkitest.Now()) {
				t.Errorf("stamped at %s", out.Timestamp)
			}
		})
	}
}

// TestTexts holds that every outcome can be told to the applicant.
func TestTexts(t *testing.T) {
	t.Parallel()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	list := lists[applicant.Dictionary]
	for _, o := range applicant.Outcomes() {
		code, ok := list.Code(string(o))
		if !ok || code.KK == "" || code.RU == "" || code.EN == "" || code.KK == code.RU || code.RU == code.EN {
			t.Errorf("%s has no text in every language", o)
		}
		if refused := o != applicant.Accepted && o != applicant.Unchecked; o.Refused() != refused {
			t.Errorf("%s: refused %t", o, o.Refused())
		}
	}
	if len(list.Codes) != len(applicant.Outcomes()) {
		t.Errorf("%d texts for %d outcomes", len(list.Codes), len(applicant.Outcomes()))
	}
}
