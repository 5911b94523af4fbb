package main

import (
	"bufio"
	"crypto"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
)

// signForKopir is a signing program (gateway/pki/program) with the key of a
// keystore: its arguments are the keystore and the file of the password.
func signForKopir() {
	id, err := identityOf(os.Args[1], os.Args[2])
	if err != nil {
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]any{"certificate": id.Certificate.Raw})
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var q struct {
			ID     uint64
			Digest []byte
			Hash   string
		}
		if json.Unmarshal(in.Bytes(), &q) != nil {
			os.Exit(1)
		}
		h := crypto.Hash(0)
		if q.Hash == crypto.SHA256.String() {
			h = crypto.SHA256
		}
		value, err := id.Key.Sign(nil, q.Digest, h)
		if err != nil {
			os.Exit(1)
		}
		_ = out.Encode(map[string]any{"id": q.ID, "signature": value})
	}
}

func identityOf(keystore, password string) (*pki.Identity, error) {
	text, err := config.ReadSecret(password)
	if err != nil {
		return nil, err
	}
	return pki.LoadIdentity(keystore, []byte(text.Reveal()))
}

// TestKeysElsewhere asks a question with a key that the gateway does not hold:
// a program signs, or a service does.
func TestKeysElsewhere(t *testing.T) {
	t.Parallel()
	for _, suite := range mockpki.Suites() {
		for way, change := range map[string]func(t *testing.T, s *config.Signing){
			"program": func(_ *testing.T, s *config.Signing) {
				*s = config.Signing{Timeout: s.Timeout, Program: []string{"sign-for-kopir", s.KeyFile, s.PasswordFile}}
			},
			"service": func(t *testing.T, s *config.Signing) {
				id, err := identityOf(s.KeyFile, s.PasswordFile)
				if err != nil {
					t.Fatal(err)
				}
				cert := filepath.Join(filepath.Dir(s.KeyFile), "elsewhere.der")
				if err := os.WriteFile(cert, id.Certificate.Raw, 0o600); err != nil {
					t.Fatal(err)
				}
				*s = config.Signing{Timeout: s.Timeout, CertificateFile: cert, Service: config.SigningService{
					URL: signingService(t, id), KeystoreFile: s.KeyFile, PasswordFile: s.PasswordFile,
				}}
			},
		} {
			t.Run(string(suite)+"/"+way, func(t *testing.T) {
				t.Parallel()
				st, err := newStand(t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", config.Log{Level: "info", Format: "json"}, mocks.Options{Suite: suite})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = st.world.Close() })
				change(t, &st.cfg.Signing)
				g, err := assemble(t.Context(), st.cfg, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = g.Close() })
				q := httptest.NewRequest(http.MethodPost, "/v1/addresses/search", strings.NewReader(
					`{"purpose":{"service":"00601","case":"1","legal_basis":"test","official":"op-1"},"query":{"iin":"854412301015"}}`))
				q.Header.Set("Authorization", "Bearer "+devKey)
				q.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				g.handler.ServeHTTP(w, q)
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"status":"found"`) {
					t.Errorf("status %d: %s", w.Code, w.Body.String())
				}
			})
		}
	}
}

// signingService speaks the interface of NCANode with a key of its own.
func signingService(t *testing.T, id *pki.Identity) string {
	t.Helper()
	signer, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ XML, Key, Password string }
		raw, _ := io.ReadAll(r.Body)
		if json.Unmarshal(raw, &q) != nil || q.Key == "" || q.Password == "" || r.URL.Path != "/wsse/sign" {
			http.Error(w, "not a request to sign", http.StatusBadRequest)
			return
		}
		signed, err := wsse.SignBody(r.Context(), []byte(q.XML), signer, wsse.SignOptions{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"status": 200, "message": "OK", "xml": string(signed)})
	}))
	t.Cleanup(server.Close)
	return server.URL
}
