package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
)

// keyFor makes a key and its hash.
func keyFor(t testing.TB, pepper []byte) (key, hash string) {
	t.Helper()
	key = api.NewKey()
	hash, err := api.HashKey(key, pepper)
	if err != nil {
		t.Fatal(err)
	}
	return key, hash
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	pepper := []byte("a secret of the gateway")
	oldKey, oldHash := keyFor(t, pepper)
	newKey, newHash := keyFor(t, pepper)
	personOnly, personHash := keyFor(t, pepper)
	nobody, nobodyHash := keyFor(t, pepper)
	otherPepper, otherPepperHash := keyFor(t, []byte("another secret"))
	stranger := api.NewKey()
	clients := func(o *api.Options) {
		o.Pepper = pepper
		o.Clients = []api.Client{
			{ID: "rotating", KeyHashes: []string{oldHash, newHash}, Operations: []string{"person.search", "address.search"}},
			{ID: "person-only", KeyHashes: []string{personHash}, Operations: []string{"person.search"}},
			{ID: "nothing", KeyHashes: []string{nobodyHash}},
			{ID: "other-pepper", KeyHashes: []string{otherPepperHash}, Operations: []string{"person.search"}},
		}
	}
	for _, tt := range []struct {
		name, route string
		header      []string
		code        string // "" for an answer
		client      string // what the core and the log hear
	}{
		{"old key", personRoute, []string{"Bearer " + oldKey}, "", "rotating"},
		{"new key", addressRoute, []string{"Bearer " + newKey}, "", "rotating"},
		{"scheme in lower case", personRoute, []string{"bearer " + newKey}, "", "rotating"},
		{"operation on the list", personRoute, []string{"Bearer " + personOnly}, "", "person-only"},
		{"operation not on the list", addressRoute, []string{"Bearer " + personOnly}, "forbidden", "person-only"},
		{"empty list", personRoute, []string{"Bearer " + nobody}, "forbidden", "nothing"},
		{"no header", personRoute, nil, "unauthenticated", ""},
		{"empty header", personRoute, []string{""}, "unauthenticated", ""},
		{"no key", personRoute, []string{"Bearer"}, "unauthenticated", ""},
		{"another scheme", personRoute, []string{"Basic " + newKey}, "unauthenticated", ""},
		{"key without scheme", personRoute, []string{newKey}, "unauthenticated", ""},
		{"unknown key", personRoute, []string{"Bearer " + stranger}, "unauthenticated", ""},
		{"hash instead of the key", personRoute, []string{"Bearer " + newHash}, "unauthenticated", ""},
		{"key with a blank", personRoute, []string{"Bearer " + newKey + " "}, "unauthenticated", ""},
		{"shortened key", personRoute, []string{"Bearer " + newKey[:len(newKey)-1]}, "unauthenticated", ""},
		{"two keys", personRoute, []string{"Bearer " + newKey, "Bearer " + personOnly}, "unauthenticated", ""},
		{"hash made with another pepper", personRoute, []string{"Bearer " + otherPepper}, "unauthenticated", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var heard exchange.Call
			w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
				heard = c
				return exchange.Result{Facts: gateway.Persons(nil), Provenance: provenance()}, nil
			}), clients)
			r := w.newRequest(tt.route, goodPerson)
			r.Header["Authorization"] = tt.header
			answer := w.do(r)
			switch {
			case tt.code == "" && (answer.StatusCode != http.StatusOK || heard.Client != tt.client):
				t.Errorf("status %d, client %q", answer.StatusCode, heard.Client)
			case tt.code != "":
				if p := problem(t, w, tt.route, answer); p.Code != tt.code || heard.Operation != "" {
					t.Errorf("got %s, core heard %q", p.Code, heard.Operation)
				}
			}
			if challenge := answer.Header.Get("WWW-Authenticate"); (challenge != "") != (tt.code == "unauthenticated") {
				t.Errorf("WWW-Authenticate %q", challenge)
			}
			if got := strings.Contains(w.log.String(), `"client":"`+tt.client+`"`); got != (tt.client != "") {
				t.Errorf("the log: %s", w.log.String())
			}
			for _, key := range []string{oldKey, newKey, personOnly, nobody, stranger} {
				absent(t, "the log", w.log.String(), strings.TrimPrefix(key, "kopir_"))
			}
		})
	}
}

// TestStrangersLearnNothing: without a key the body is not looked at, so that
// every request gets the same answer.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	for _, text := range []string{"", "{", goodPerson, strings.Repeat("x", 1<<20)} {
		r := w.newRequest(personRoute, text)
		r.Header.Del("Authorization")
		r.Header.Del("Content-Type")
		if p := problem(t, w, personRoute, w.do(r)); p.Code != "unauthenticated" {
			t.Errorf("got %s", p.Code)
		}
	}
}

// TestT28KeysAreRandomAndHashed: 256 bits, no key twice, and the hash is the one
// that is documented, under the pepper.
func TestT28KeysAreRandomAndHashed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		key := api.NewKey()
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(key, "kopir_"))
		if err != nil || len(raw) != 32 || seen[key] {
			t.Fatalf("key of %d bytes, seen before: %v, %v", len(raw), seen[key], err)
		}
		seen[key] = true
	}
	pepper := []byte("pepper")
	key, hash := keyFor(t, pepper)
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(key, "kopir_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, pepper)
	mac.Write(raw)
	if want := "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil)); hash != want {
		t.Errorf("hash %s", hash)
	}
	if plain, err := api.HashKey(key, nil); err != nil || plain == hash {
		t.Errorf("the pepper changes nothing (%v)", err)
	}
	for _, wrong := range []string{"", "kopir_", "secret", key + "A", key[:len(key)-1], strings.ToLower(key) + "=", "kopir_" + strings.Repeat("*", 43)} {
		if _, err := api.HashKey(wrong, nil); err == nil {
			t.Errorf("%q was hashed", wrong)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	_, hash := keyFor(t, nil)
	client := func(c ...api.Client) api.Options {
		return api.Options{Core: answers(gateway.Persons(nil), nil), Clients: c}
	}
	base := func(u string) api.Options {
		return api.Options{Core: answers(gateway.Persons(nil), nil), BaseURL: u}
	}
	for _, tt := range []struct {
		name    string
		options api.Options
		want    string // part of the error, "" for none
	}{
		{"nothing but a core", base(""), ""},
		{"base URL", base("https://gate.example"), ""},
		{"no core", api.Options{}, "core"},
		{"relative base URL", base("/problems"), "base URL"},
		{"base URL with a slash at the end", base("https://gate.example/"), "base URL"},
		{"base URL with a query", base("https://gate.example?a=b"), "base URL"},
		{"base URL without host", base("mailto:a"), "base URL"},
		{"broken base URL", base("https://[::1"), "base URL"},
		{"client", client(api.Client{ID: "a", KeyHashes: []string{hash}, Operations: []string{"person.search"}}), ""},
		{"client without id", client(api.Client{KeyHashes: []string{hash}}), "id"},
		{"client id with capitals", client(api.Client{ID: "Benefits", KeyHashes: []string{hash}}), "id"},
		{"client twice", client(api.Client{ID: "a", KeyHashes: []string{hash}}, api.Client{ID: "a", KeyHashes: []string{hash}}), "id"},
		{"client without key", client(api.Client{ID: "a"}), "no key"},
		{"key instead of its hash", client(api.Client{ID: "a", KeyHashes: []string{api.NewKey()}}), "key hash"},
		{"short hash", client(api.Client{ID: "a", KeyHashes: []string{"hmac-sha256:abcd"}}), "key hash"},
		{"one key for two clients", client(api.Client{ID: "a", KeyHashes: []string{hash}}, api.Client{ID: "b", KeyHashes: []string{hash}}), "key hash"},
		{"unknown operation", client(api.Client{ID: "a", KeyHashes: []string{hash}, Operations: []string{"person.delete"}}), "person.delete"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := api.New(tt.options)
			switch {
			case tt.want == "" && (err != nil || h == nil):
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one about %s", err, tt.want)
			}
		})
	}
}
