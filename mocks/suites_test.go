package mocks

import (
	"bytes"
	"crypto"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// TestSuites goes the main way in every suite, with every form of key
// information and every carrier.
func TestSuites(t *testing.T) {
	t.Parallel()
	for _, suite := range pki.Suites() {
		for _, info := range []wsse.KeyInfo{wsse.IssuerSerial, wsse.KeyIdentifier, wsse.BinarySecurityToken, wsse.X509Data} {
			t.Run(string(suite)+"/"+string(info), func(t *testing.T) {
				t.Parallel()
				w := start(t, keysOf(t, suite), func(o *Options) { o.KeyInfo = info })
				q := ask(w.People.ByKey("adult").IIN)
				q.options.KeyInfo = info
				if got := path(verify(t, w, q.send(t, w)), "persons", "person", "iin").Text(); got != w.People.ByKey("adult").IIN {
					t.Error("somebody else was found")
				}
				q = ask(w.People.ByKey("adult").IIN)
				q.options.KeyInfo, q.signed = info, func(s string) string { return strings.Replace(s, "chain-1", "chain-2", 1) }
				checkRefusal(t, w, q.send(t, w), shep.CheckSignature)
			})
		}
	}
}

// TestKeysOfAnotherSuite: a caller with keys of another world is a stranger,
// whatever algorithm it has.
func TestKeysOfAnotherSuite(t *testing.T) {
	t.Parallel()
	for _, suite := range pki.Suites() {
		for _, other := range pki.Suites() {
			if other == suite {
				continue
			}
			w, stranger := start(t, keysOf(t, suite)), start(t, keysOf(t, other))
			q := ask(w.People.ByKey("adult").IIN)
			env := q.envelope(t, stranger)
			q.role, q.signed = "", func(string) string { return string(env) }
			checkRefusal(t, w, q.send(t, w), shep.CheckChain)
		}
	}
}

// visit asks the management of a world and gives what came.
func visit(t *testing.T, w *World, method, url string, body []byte) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.RoundTripper().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	return b
}

// TestAuthorityServices: where a certificate of the world says to ask, there is
// somebody who answers, and who can be made to fail.
func TestAuthorityServices(t *testing.T) {
	t.Parallel()
	w, err := Start(Options{Suite: pki.ECDSA})
	if err != nil {
		t.Fatal(err)
	}
	client, err := w.PKI.Identity(pki.Client)
	if err != nil {
		t.Fatal(err)
	}
	c, issuer := client.Certificate, w.PKI.Intermediates()[0]
	q, err := ocsp.CreateRequest(c, issuer, &ocsp.RequestOptions{Hash: crypto.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	status := func() int {
		a, err := ocsp.ParseResponseForCert(visit(t, w, http.MethodPost, c.OCSPServer[0], q), c, issuer)
		if err != nil {
			t.Fatal(err)
		}
		return a.Status
	}
	if status() != ocsp.Good {
		t.Error("the gateway's certificate is not good")
	}
	if s := manage(t, w, http.MethodPut, "/mock/pki/trouble", `{"trouble":"unknown"}`, nil); s != http.StatusOK || status() != ocsp.Unknown {
		t.Errorf("status %d; the certificate is still known", s)
	}
	if s := manage(t, w, http.MethodPut, "/mock/pki/trouble", `{"trouble":"earthquake"}`, nil); s != http.StatusBadRequest {
		t.Errorf("status %d", s)
	}
	if s := manage(t, w, http.MethodDelete, "/mock/pki/trouble", "", nil); s != http.StatusNoContent || status() != ocsp.Good {
		t.Errorf("status %d; the trouble is still there", s)
	}
	w.PKI.Revoke(c, w.Now(), ocsp.KeyCompromise)
	if status() != ocsp.Revoked {
		t.Error("revoked, and nobody says so")
	}
	l, err := crl.Parse(visit(t, w, http.MethodGet, c.CRLDistributionPoints[0], nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.CheckFrom(issuer); err != nil {
		t.Error(err)
	}
	if der := visit(t, w, http.MethodGet, c.IssuingCertificateURL[0], nil); !bytes.Equal(der, issuer.Raw) {
		t.Error("another certificate is handed out as the issuer's")
	}
}

// TestListenFromTheStart: the certificates of a world that listens from the
// start name its port.
func TestListenFromTheStart(t *testing.T) {
	t.Parallel()
	w, err := Start(Options{Suite: pki.ECDSA, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	client, err := w.PKI.Identity(pki.Client)
	if err != nil {
		t.Fatal(err)
	}
	if want := w.URL() + "/mock/pki/ocsp"; client.Certificate.OCSPServer[0] != want || !strings.HasPrefix(want, "http://127.0.0.1:") {
		t.Errorf("%s, want %s", client.Certificate.OCSPServer[0], want)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, client.Certificate.IssuingCertificateURL[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	direct := &http.Transport{DisableKeepAlives: true}
	resp, err := direct.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	if err := w.Listen(""); err == nil {
		t.Error("the world listens twice")
	}
	if _, err := Start(Options{Suite: pki.ECDSA, Listen: "192.0.2.1:0"}); err == nil {
		t.Error("the world listens on another machine's address")
	}
	if _, err := Start(Options{Suite: "dsa", Listen: "127.0.0.1:0"}); err == nil {
		t.Error("a world without keys listens")
	}
}
