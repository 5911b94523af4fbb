package ocsp_test

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

func response(t *testing.T, path ...string) *ocsp.Response {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{vectors.Dir(t)}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func certificate(t *testing.T, path ...string) *x509.Certificate {
	t.Helper()
	c, err := pki.LoadCertificates(filepath.Join(append([]string{vectors.Dir(t)}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return c[0]
}

// TestNationalCentre reads an answer of the national centre about a certificate
// it has not issued: revoked since 1970 (RFC 6960, section 2.2), without
// nextUpdate, by a delegated responder.
func TestNationalCentre(t *testing.T) {
	t.Parallel()
	r := response(t, "crl-ocsp", "ocsp_response_individual_2015.bin")
	made := time.Date(2022, 9, 2, 16, 58, 34, 0, time.UTC)
	if !r.ProducedAt.Equal(made) || len(r.Answers) != 1 || len(r.Certificates) != 1 || len(r.Nonce) != 10 {
		t.Fatalf("%+v", r)
	}
	a := r.Answers[0]
	if a.State != pki.StateRevoked || !a.Since.Equal(time.Unix(0, 0)) || a.Reason != pki.CertificateHold || !a.ThisUpdate.Equal(made) || !a.NextUpdate.IsZero() {
		t.Errorf("%+v", a)
	}
	if a.ID.Serial.Text(16) != "ff06211dc82beb00253ffa000f1de84abef454f" || !a.ID.Hash.Equal(sha256OID) {
		t.Errorf("%+v", a.ID)
	}
	ca := certificate(t, "ca", "test-nca-gost512-2022.pem")
	asked := &x509.Certificate{SerialNumber: a.ID.Serial}
	q := ocsp.Question{Certificate: asked, Issuer: ca, At: made}
	if _, signer, err := r.About(q); err != nil || signer.Subject.CommonName != "OCSP RESPONDER" {
		t.Errorf("%v", err)
	}
	for _, other := range []string{"test-nca-rsa-2019", "test-nca-gost-2019", "prod-nca-gost512-2022"} {
		q := q
		q.Issuer = certificate(t, "ca", other+".pem")
		if _, _, err := r.About(q); !errors.Is(err, ocsp.ErrResponder) {
			t.Errorf("%s: %v", other, err)
		}
	}
	q.At = made.AddDate(5, 0, 0)
	if _, _, err := r.About(q); !errors.Is(err, ocsp.ErrResponder) {
		t.Errorf("years later: %v", err)
	}
}

// TestSuite judges the answers of the WS-Security suite, by RSA.
func TestSuite(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		file, about string
		state       pki.State
		want        error
		fresh       error
	}{
		{"shep-good", "shep", pki.StateGood, nil, nil},
		{"shep-revoked", "shep-revoked", pki.StateRevoked, nil, nil},
		{"shep-revoked", "shep", 0, ocsp.ErrCertID, nil},
		{"shep-unknown", "shep", pki.StateUnknown, nil, nil},
		{"shep-stale-good", "shep", pki.StateGood, nil, ocsp.ErrStale},
		{"shep-good-by-attacker", "shep", 0, ocsp.ErrSignature, nil},
		{"other-serial-good", "shep", 0, ocsp.ErrCertID, nil},
	} {
		r := response(t, "wss-suite", "keys", tt.file+".ocsp.der")
		q := ocsp.Question{
			Certificate: certificate(t, "wss-suite", "keys", tt.about+".cert.pem"),
			Issuer:      certificate(t, "wss-suite", "keys", "intermediate.cert.pem"), At: at,
		}
		a, _, err := r.About(q)
		if !errors.Is(err, tt.want) || a.State != tt.state {
			t.Errorf("%s about %s: %+v, %v, want %v", tt.file, tt.about, a, err, tt.want)
			continue
		}
		if fresh := a.Fresh(at, 5*time.Minute, time.Hour); tt.want == nil && !errors.Is(fresh, tt.fresh) {
			t.Errorf("%s: %v, want %v", tt.file, fresh, tt.fresh)
		}
	}
}
