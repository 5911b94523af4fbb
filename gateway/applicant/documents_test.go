package applicant_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/applicant"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestVectors checks documents of the national library, whose certificates name
// a number that nobody can have.
func TestVectors(t *testing.T) {
	t.Parallel()
	dir := vectors.Dir(t)
	for file, at := range map[string]time.Time{
		"cms/kalkan-rsa-personal.cms.b64":              time.Date(2020, 9, 9, 21, 0, 0, 0, time.UTC),
		"cms/kalkan-gost2004-org-active.cms.b64":       time.Date(2020, 9, 9, 21, 0, 0, 0, time.UTC),
		"xml/kalkan-enveloped-rsa-2018.xml":            time.Date(2018, 12, 1, 0, 0, 0, 0, time.UTC),
		"xml/kalkan-enveloped-gost2004-org-active.xml": time.Date(2020, 9, 9, 21, 0, 0, 0, time.UTC),
		"xml/kalkan-enveloped-gost512-2025.xml":        time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			needs(t, dir, file)
			c := &applicant.Checker{Keys: pinned{}, Clock: func() time.Time { return at }}
			out := check(t, c, applicant.Request{Document: b, IIN: iin(t, 101)})
			if out.Outcome != applicant.IINMismatch || !errors.Is(out.Cause, applicant.OtherIIN) {
				t.Errorf("%s: %v", out.Outcome, out.Cause)
			}
		})
	}
}

// needs skips a document whose algorithms are not there.
func needs(t *testing.T, dir, file string) {
	t.Helper()
	for family, key := range map[string]string{"gost2004": "test-ceo-gost2004.pem", "gost512": "test-infosystem-gost512.pem"} {
		if !strings.Contains(file, family) {
			continue
		}
		certs, err := pki.LoadCertificates(filepath.Join(dir, "certs", key))
		if err != nil {
			t.Fatal(err)
		}
		suite := func(s *xmldsig.Suite) bool { return s.Fits(certs[0].PublicKey) }
		if certs[0].PublicKey == nil || !slices.ContainsFunc(xmldsig.Suites(), suite) {
			t.Skip("keys of the national algorithm are not read")
		}
	}
}

// pinned trusts the certificate that a message carries, at its time.
type pinned struct{}

func (pinned) Resolve(ctx context.Context, h pki.Hint, at time.Time) (*pki.Certificate, error) {
	c, err := pki.ParseCertificate(h.Certificates[0])
	if err != nil {
		return nil, err
	}
	return pki.NewStore(pki.Options{Known: []*x509.Certificate{c}}).Resolve(ctx, h, at)
}

// FuzzCheck checks anything. What is accepted is the application that the
// applicant signed.
func FuzzCheck(f *testing.F) {
	ca := pkitest.NewAuthority(f, "Root")
	who := iin(f, 101)
	for _, r := range sign(f, ca, who, subject("IIN"+who.Reveal(), individual)) {
		f.Add(r.Document, r.Content != nil)
	}
	c := checker(ca.Store())
	f.Fuzz(func(t *testing.T, document []byte, detached bool) {
		r := applicant.Request{Document: document, IIN: who}
		if detached {
			r.Content = []byte(application)
		}
		out := check(t, c, r)
		switch {
		case out.Outcome == applicant.IINMismatch:
			t.Fatal("a signature of somebody else")
		case out.Outcome != applicant.Accepted:
		case out.Root.IsZero() && string(out.Content) != application:
			t.Fatal("another application is accepted")
		case !out.Root.IsZero() && out.Root.Child("", "жәрдемақы").Text() != "бала туғанда":
			t.Fatal("another application is accepted")
		}
	})
}
