package ncanode_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/ncanode"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

const (
	envelope = `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` +
		`<ns:SendMessage xmlns:ns="http://bip.bee.kz/SyncChannel/v10/Types"><request xmlns=""><name>Сынақова</name></request></ns:SendMessage></soap:Body></soap:Envelope>`
	document = `<data xmlns:cs="http://message.persistence.interactive.nat"><cs:name>Сынақова &amp; Ко</cs:name></data>`
	keystore = "a2V5c3RvcmU="
	password = "word-that-must-not-show"
)

// service is a signing service with a habit; it signs with the real signer of
// this project, so that a good answer is a real one.
type service struct {
	signer xmldsig.Signer
	change func(xml string) string
	answer func(w http.ResponseWriter, signed string)
	asked  map[string]any
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		XML     string
		Key     string
		Signers []struct{ Key string }
	}
	raw, _ := io.ReadAll(r.Body)
	if json.Unmarshal(raw, &q) != nil || json.Unmarshal(raw, &s.asked) != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	if s.change != nil {
		q.XML = s.change(q.XML)
	}
	var out []byte
	var err error
	switch r.URL.Path {
	case "/wsse/sign":
		out, err = wsse.SignBody(r.Context(), []byte(q.XML), s.signer, wsse.SignOptions{})
	case "/xml/sign":
		out, err = xmldsig.SignEnveloped(r.Context(), []byte(q.XML), s.signer)
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if s.answer != nil {
		s.answer(w, string(out))
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": 200, "message": "OK", "xml": string(out)})
}

func start(t *testing.T, s *service) (*ncanode.Client, *x509.Certificate) {
	t.Helper()
	ca, key := pkitest.NewAuthority(t, "Test CA"), pkitest.ECKey(t)
	cert := ca.Issue(t, "Kopir test", key.Public())
	if s.signer == nil {
		var err error
		if s.signer, err = xmldsig.NewSigner(key, cert.Raw); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := ncanode.New(ncanode.Options{URL: server.URL, Certificate: cert, Keystore: keystore, Password: password, Alias: "signing", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c, cert
}

func TestSigns(t *testing.T) {
	t.Parallel()
	s := &service{}
	c, cert := start(t, s)
	signed, err := c.SignBody(t.Context(), []byte(envelope), wsse.SignOptions{ID: wsse.IDUtility, KeyInfo: wsse.KeyIdentifier})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := wsse.VerifyBody(t.Context(), signed, c, wsse.Policy{}); err != nil || !v.Signer.Equal(cert) {
		t.Errorf("the envelope: %v", err)
	}
	if s.asked["key"] != keystore || s.asked["password"] != password || s.asked["keyAlias"] != "signing" || s.asked["trimXml"] != false {
		t.Errorf("the service was asked %v", s.asked)
	}
	if signed, err = c.SignEnveloped(t.Context(), []byte(document)); err != nil || !strings.Contains(string(signed), "SignatureValue") {
		t.Errorf("the document: %v", err)
	}
	signers, _ := s.asked["signers"].([]any)
	if len(signers) != 1 || signers[0].(map[string]any)["key"] != keystore || s.asked["clearSignatures"] != false {
		t.Errorf("the service was asked %v", s.asked)
	}
	if _, err := c.SignBody(t.Context(), []byte(envelope), wsse.SignOptions{KeyInfo: wsse.IssuerSerial}); !errors.Is(err, ncanode.ErrLayout) {
		t.Errorf("another layout: %v", err)
	}
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	other := pkitest.NewAuthority(t, "Other CA").Signer(t, "Other", pkitest.ECKey(t))
	say := func(status int, body string) func(http.ResponseWriter, string) {
		return func(w http.ResponseWriter, _ string) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	change := func(old, by string) func(string) string {
		return func(xml string) string { return strings.ReplaceAll(xml, old, by) }
	}
	for name, tt := range map[string]struct {
		service service
		want    error
	}{
		"another key":       {service{signer: other}, ncanode.ErrSignature},
		"another text":      {service{change: change("Сынақова", "Сынақов")}, ncanode.ErrChanged},
		"white space added": {service{change: change("name>", "name> ")}, ncanode.ErrChanged},
		"unsigned":          {service{answer: say(200, `{"status":200,"xml":"<a/>"}`)}, ncanode.ErrSignature},
		"tampered afterwards": {service{answer: func(w http.ResponseWriter, signed string) {
			_ = json.NewEncoder(w).Encode(map[string]any{"status": 200, "xml": strings.ReplaceAll(signed, "Сынақова", "Сынақов")})
		}}, ncanode.ErrSignature},
		"refusal":    {service{answer: say(200, `{"status":400,"message":"wrong password `+password+`"}`)}, ncanode.ErrRefused},
		"HTTP error": {service{answer: say(500, password)}, ncanode.ErrRefused},
		"redirect": {service{answer: func(w http.ResponseWriter, _ string) {
			w.Header().Set("Location", "http://192.0.2.1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}}, ncanode.ErrRefused},
		"not JSON": {service{answer: say(200, "<html>")}, ncanode.ErrAnswer},
		"endless": {service{answer: func(w http.ResponseWriter, _ string) {
			for range 9 << 10 {
				_, _ = io.WriteString(w, strings.Repeat(" ", 1<<10))
			}
		}}, ncanode.ErrAnswer},
		"cut off": {service{answer: func(w http.ResponseWriter, _ string) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		}}, ncanode.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tt.service
			c, _ := start(t, &s)
			for what, sign := range map[string]func() ([]byte, error){
				"envelope": func() ([]byte, error) { return c.SignBody(t.Context(), []byte(envelope), wsse.SignOptions{}) },
				"document": func() ([]byte, error) { return c.SignEnveloped(t.Context(), []byte(document)) },
			} {
				out, err := sign()
				if !errors.Is(err, tt.want) || out != nil {
					t.Errorf("%s: want %v, got %v", what, tt.want, err)
				}
				if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), keystore)) {
					t.Errorf("%s: the error shows a secret: %v", what, err)
				}
			}
		})
	}
}

func TestCancelledAndAbsent(t *testing.T) {
	t.Parallel()
	c, cert := start(t, &service{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.SignBody(ctx, []byte(envelope), wsse.SignOptions{}); !errors.Is(err, ncanode.ErrUnavailable) {
		t.Errorf("cancelled: %v", err)
	}
	for _, address := range []string{
		"http://192.0.2.1:14579", "ftp://127.0.0.1", "http://user:word@127.0.0.1", "http://localhost.example.kz", "", "https://", "http://127.0.0.1/?a=b", "://",
	} {
		if _, err := ncanode.New(ncanode.Options{URL: address, Certificate: cert}); !errors.Is(err, ncanode.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
