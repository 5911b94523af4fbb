package api_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/fault"
)

func examples(t testing.TB, folder string) (all [][]byte) {
	t.Helper()
	names, err := fs.Glob(contracts.Examples(), folder+"/*/request.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(contracts.Examples(), name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// raw sends bytes as they are to a real server and gives the first line and all
// of the answer.
func raw(t *testing.T, addr, request string) (status, all string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	status, err = r.ReadString('\n')
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	rest, _ := io.ReadAll(r) // until the server closes or resets
	return strings.TrimSpace(status), status + string(rest)
}

// TestT18Smuggling: requests that two HTTP readers would cut differently are
// refused, and the connection ends.
func TestT18Smuggling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(gateway.Persons(nil), nil))
	server := httptest.NewUnstartedServer(w)
	server.Config = api.Server(w, api.ServerLimits{}, nil)
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(server.Close)
	head := "POST /v1/persons/search HTTP/1.1\r\nHost: gate\r\nConnection: close\r\nAuthorization: Bearer " + w.key + "\r\nContent-Type: application/json\r\n"
	length := func(n int) string { return fmt.Sprintf("Content-Length: %d\r\n", n) }
	for _, tt := range []struct{ name, request, status string }{
		{"as it should be", head + length(len(goodPerson)) + "\r\n" + goodPerson, "HTTP/1.1 200"},
		{"two lengths", head + length(len(goodPerson)) + length(3) + "\r\n" + goodPerson, "HTTP/1.1 400"},
		{"length with a sign", head + "Content-Length: +5\r\n\r\n{}   ", "HTTP/1.1 400"},
		{"unknown transfer coding", head + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501"},
		{"space before the colon", head + "Content-Length : 2\r\n\r\n{}", "HTTP/1.1 400"},
		{"line break in a value", head + "X-Request-Id: a\r b\r\n" + length(2) + "\r\n{}", "HTTP/1.1 400"},
		{"two hosts", strings.Replace(head, "Host: gate\r\n", "Host: gate\r\nHost: other\r\n", 1) + length(2) + "\r\n{}", "HTTP/1.1 400"},
		{"huge header", head + "X-Filler: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "HTTP/1.1 431"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if status, all := raw(t, server.Listener.Addr().String(), tt.request); !strings.HasPrefix(status, tt.status) {
				t.Errorf("got %s", all)
			}
		})
	}
}

// TestT18ForwardedForMeansNothing: a forged address of a caller reaches neither
// the log nor the answer.
func TestT18ForwardedForMeansNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(gateway.Persons(nil), nil))
	r := w.newRequest(personRoute, goodPerson)
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Forwarded-Host", "X-Appengine-Remote-Addr", "Cf-Connecting-Ip"} {
		r.Header.Set(name, "203.0.113.66")
	}
	answer := w.do(r)
	absent(t, "the log", w.log.String(), "203.0.113.66")
	absent(t, "the answer", answer.Body+headerText(answer), "203.0.113.66")
}

// TestT19LogInjection: whatever a stranger writes, a request is one line of
// valid JSON.
func TestT19LogInjection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(nil, fault.Wrap(fault.ShepFault, "read\nanswer", errorText("line\r\nlevel=ERROR \x1b[31m \u202e"))))
	nasty := "a\nb\x1b[31m\u202e\x00{\"level\":\"ERROR\"}"
	requests := []func(r *http.Request){
		func(r *http.Request) { r.Header.Set("X-Request-Id", nasty) },
		func(r *http.Request) { r.Header.Set("User-Agent", nasty) },
		func(r *http.Request) { r.Header.Set("Accept-Language", nasty) },
		func(r *http.Request) { r.URL.Path = "/" + nasty },
		func(r *http.Request) { r.URL.RawQuery = nasty },
		func(r *http.Request) { r.Method = "GET\nERROR" },
		func(r *http.Request) { r.Host = nasty },
	}
	for _, change := range requests {
		r := w.newRequest(personRoute, goodPerson)
		change(r)
		w.do(r)
	}
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	if len(lines) != len(requests) {
		t.Fatalf("%d lines for %d requests: %s", len(lines), len(requests), w.log.String())
	}
	for _, line := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil || v["msg"] != "request" {
			t.Errorf("%v: %s", err, line)
		}
	}
	absent(t, "the log", w.log.String(), "\x1b", "\x00", "User-Agent")
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	iin := synthetic(t, 101)
	for _, tt := range []struct {
		name, given string
		kept        bool
	}{
		{"UUID", "0197a1f2-6f3e-7c10-9a55-3d0f5f1b2c01", true},
		{"letters and points", "svc.request_17-A", true},
		{"twelve digits that are no IIN", "904315401017", true},
		{"none", "", false},
		{"too long", strings.Repeat("a", 65), false},
		{"space", "a b", false},
		{"slash", "a/b", false},
		{"Cyrillic", "сынақ", false},
		{"begins with a point", ".a", false},
		{"an IIN", iin, false},
		{"an IIN inside", "case-" + iin + "-1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, answers(gateway.Persons(nil), nil), func(o *api.Options) { o.NewID = func() string { return "ours" } })
			want := "ours"
			if tt.kept {
				want = tt.given
			}
			r := w.newRequest(personRoute, goodPerson)
			r.Header.Set("X-Request-Id", tt.given)
			if got := w.do(r).Header.Get("X-Request-Id"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if !strings.Contains(w.log.String(), `"request_id":"`+want+`"`) {
				t.Errorf("log %s", w.log.String())
			}
			absent(t, "the log", w.log.String(), iin)
		})
	}
}

// TestT44Pages: no page loads or runs anything from elsewhere or inline, none may
// be framed, and none is guessed at.
func TestT44Pages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	paths := []string{"/docs"}
	for _, k := range fault.Kinds() {
		paths = append(paths, "/problems/"+string(k))
	}
	inline := regexp.MustCompile(`(?i)<script(?:>|[^>]*[^"'/a-z]>)|<script>|<style|\sstyle=|\son[a-z]+=|javascript:`)
	foreign := regexp.MustCompile(`(?i)(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//`)
	for _, path := range paths {
		r := w.get(path, "Accept", "text/html")
		text := r.Body
		if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			t.Fatalf("%s: status %d, %s", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if inline.MatchString(text) || foreign.MatchString(text) {
			t.Errorf("%s has inline or foreign parts", path)
		}
		secure(t, path, r)
		for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
			target := "/" + strings.TrimPrefix(m[1], "../")
			if asset := w.get(target); asset.StatusCode != http.StatusOK {
				t.Errorf("%s refers to %s, status %d", path, target, asset.StatusCode)
			}
		}
	}
}

// secure holds the headers of a page.
func secure(t *testing.T, path string, r answer) {
	t.Helper()
	csp := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: the policy %q lacks %s", path, csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "http") {
		t.Errorf("%s: policy %q", path, csp)
	}
	if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") != "no-referrer" || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: headers %v", path, r.Header)
	}
}

// TestEveryAnswerIsHardened: data, problems and probes carry the headers, too.
func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(gateway.Persons(nil), nil))
	secure(t, "answer", w.post(personRoute, goodPerson))
	secure(t, "problem", w.post(personRoute, "{"))
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/openapi.yaml", "/docs/docs.js", "/nothing"} {
		secure(t, path, w.get(path))
	}
}

// TestProblemPages: every entry of the catalogue in three languages, and as JSON
// of the contract.
func TestProblemPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Problems {
		page := w.get("/problems/"+p.ID, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8").Body
		for _, text := range []string{p.Title.KK, p.Title.RU, p.Title.EN, p.Action.KK, p.Action.RU} {
			if !strings.Contains(unescape(page), text) {
				t.Errorf("%s: the page lacks %q", p.ID, text)
			}
		}
		r := w.get("/problems/"+p.ID, "Accept", "application/json")
		text := r.Body
		conforms(t, http.MethodGet, "/problems/{id}", r, text)
		var entry gateway.ProblemType
		if err := json.Unmarshal([]byte(text), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Code != p.ID || entry.Status != p.Status || entry.Detail != gateway.Texts(p.Detail) || entry.Type != "https://kopir.kz/problems/"+p.ID {
			t.Errorf("%s: got %+v", p.ID, entry)
		}
		if hasRules := p.ID == "invalid-request" || p.ID == "malformed-json"; hasRules != (len(entry.Rules) > 0) {
			t.Errorf("%s: %d rules", p.ID, len(entry.Rules))
		}
	}
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// TestAssets: packed files reach those who can unpack them packed, others
// unpacked, and are the same.
func TestAssets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	for name, media := range map[string]string{
		"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "docs.js": "text/javascript", "kopir.css": "text/css",
	} {
		plain := w.get("/docs/" + name)
		want := plain.Body
		if plain.StatusCode != http.StatusOK || !strings.HasPrefix(plain.Header.Get("Content-Type"), media) || len(want) < 100 {
			t.Errorf("%s: status %d, %s, %d bytes", name, plain.StatusCode, plain.Header.Get("Content-Type"), len(want))
		}
		packed := w.get("/docs/"+name, "Accept-Encoding", "gzip, br")
		if packed.Header.Get("Content-Encoding") != "gzip" {
			continue // one of our own small files
		}
		z, err := gzip.NewReader(strings.NewReader(packed.Body))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(z); err != nil || string(b) != want {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
	}
}

// TestServerHasLimits: a peer cannot hold a connection as long as it likes.
func TestServerHasLimits(t *testing.T) {
	t.Parallel()
	s := api.Server(http.NotFoundHandler(), api.ServerLimits{Answer: 45 * time.Second}, nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout != 45*time.Second || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 || s.ErrorLog == nil {
		t.Errorf("%+v", s)
	}
}
