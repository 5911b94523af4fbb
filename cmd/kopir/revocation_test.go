package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// authority is a small authority with a system, a folder for files and a server
// that answers about the system.
type authority struct {
	t      *testing.T
	dir    string
	key    crypto.Signer
	ca     *x509.Certificate
	system *x509.Certificate
	server *httptest.Server
	status int // of OCSP
	asked  atomic.Int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	a.key = key
	a.ca = a.issue(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	})
	a.system = a.issue(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "System"}, KeyUsage: x509.KeyUsageDigitalSignature})
	a.server = httptest.NewServer(http.HandlerFunc(a.answer))
	t.Cleanup(a.server.Close)
	a.write("ca.pem", "CERTIFICATE", a.ca.Raw)
	return a
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (a *authority) issue(c *x509.Certificate) *x509.Certificate {
	a.t.Helper()
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := a.ca
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, a.key.Public(), a.key)
	check(a.t, err)
	out, err := x509.ParseCertificate(der)
	check(a.t, err)
	return out
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	check(a.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

func (a *authority) list(revoked ...*x509.Certificate) []byte {
	a.t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
	for _, c := range revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: l.ThisUpdate})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, a.ca, a.key)
	check(a.t, err)
	return der
}

func (a *authority) answer(w http.ResponseWriter, r *http.Request) {
	a.asked.Add(1)
	switch r.URL.Path {
	case "/elsewhere":
		http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
	case "/list":
		_, _ = w.Write(a.list())
	default:
		der, err := ocsp.CreateResponse(a.ca, a.ca, ocsp.Response{
			Status: a.status, SerialNumber: a.system.SerialNumber, ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Minute), RevokedAt: time.Now().Add(-time.Minute),
		}, a.key)
		if err != nil {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(der)
	}
}

// TestRevocationOfConfiguration: what the settings say about revocation is what
// the gateway does.
func TestRevocationOfConfiguration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		mode  string
		trust func(a *authority, c *config.Trust)
		want  pki.Reason // "" where the system is trusted
		asked int64
	}{
		{"nothing, soft", "mock", func(_ *authority, c *config.Trust) { c.Revocation = "soft" }, "", 0},
		{"nothing, hard", "mock", func(*authority, *config.Trust) {}, pki.ReasonNoRevocation, 0},
		{"off, although revoked", "mock", func(a *authority, c *config.Trust) {
			c.Revocation, c.CRLs = "off", []string{a.write("a.crl", "X509 CRL", a.list(a.system))}
		}, "", 0},
		{"list in a file", "mock", func(a *authority, c *config.Trust) { c.CRLs = []string{a.write("a.crl", "X509 CRL", a.list())} }, "", 0},
		{"revoked by a list in a file", "mock", func(a *authority, c *config.Trust) { c.CRLs = []string{a.write("a.crl", "X509 CRL", a.list(a.system))} }, pki.ReasonRevoked, 0},
		{"list in a folder", "mock", func(a *authority, c *config.Trust) { a.write("a.crl", "X509 CRL", a.list()); c.CRLFolder = a.dir }, "", 0},
		{"list at a URL", "mock", func(a *authority, c *config.Trust) { c.CRLURLs = []string{a.server.URL + "/list"} }, "", 1},
		{"responder", "mock", func(a *authority, c *config.Trust) {
			c.OCSP = []config.Responder{{URL: a.server.URL, Issuer: "CN=CA", Hash: "sha256"}}
		}, "", 1},
		{"responder with a certificate of its own", "mock", func(a *authority, c *config.Trust) {
			c.OCSP = []config.Responder{{URL: a.server.URL, CertificateFile: filepath.Join(a.dir, "ca.pem")}}
		}, "", 1},
		{"revoked by a responder", "mock", func(a *authority, c *config.Trust) {
			a.status, c.OCSP = ocsp.Revoked, []config.Responder{{URL: a.server.URL}}
		}, pki.ReasonRevoked, 1},
		{"unknown to a responder", "mock", func(a *authority, c *config.Trust) {
			a.status, c.OCSP = ocsp.Unknown, []config.Responder{{URL: a.server.URL}}
		}, pki.ReasonStatusUnknown, 1},
		{"responder of another authority", "mock", func(a *authority, c *config.Trust) { c.OCSP = []config.Responder{{URL: a.server.URL, Issuer: "CN=B"}} }, pki.ReasonNoRevocation, 0},
		{"redirected", "mock", func(a *authority, c *config.Trust) { c.OCSP = []config.Responder{{URL: a.server.URL + "/elsewhere"}} }, pki.ReasonNoRevocation, 1},
		{"T41: an address of this machine, in production", "production", func(a *authority, c *config.Trust) { c.OCSP = []config.Responder{{URL: a.server.URL}} }, pki.ReasonNoRevocation, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAuthority(t)
			cfg := config.Default()
			cfg.Mode = tt.mode
			cfg.Trust.Roots, cfg.Trust.Revocation, cfg.Trust.RevocationCache = []string{filepath.Join(a.dir, "ca.pem")}, "hard", filepath.Join(a.dir, "cache")
			tt.trust(a, &cfg.Trust)
			store, network, err := loadTrust(&cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
			check(t, err)
			if network != nil {
				defer network.CloseIdleConnections()
			}
			for range 2 { // from memory the second time
				_, err := store.Resolve(t.Context(), pki.Hint{Certificates: [][]byte{a.system.Raw}}, time.Now())
				if got := reasonOf(err); got != tt.want {
					t.Errorf("%v, want %q", err, tt.want)
				}
			}
			if n := a.asked.Load(); n != tt.asked {
				t.Errorf("asked %d times, want %d", n, tt.asked)
			}
		})
	}
}

func reasonOf(err error) pki.Reason {
	if err == nil {
		return ""
	}
	reason, _, _ := strings.Cut(err.Error(), ":")
	return pki.Reason(reason)
}

func TestRevocationSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	a, b := newAuthority(t), newAuthority(t)
	for name, trust := range map[string]config.Trust{
		"trust.crls: 1 of the lists are signed by no configured authority": {CRLs: []string{b.write("b.crl", "X509 CRL", b.list())}},
		"trust.ocsp[0]: ": {OCSP: []config.Responder{{URL: a.server.URL, CertificateFile: filepath.Join(a.dir, "none.pem")}}},
	} {
		cfg := config.Default()
		cfg.Trust, cfg.Trust.Roots = trust, []string{filepath.Join(a.dir, "ca.pem")}
		if _, _, err := loadTrust(&cfg, slog.Default()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
}
