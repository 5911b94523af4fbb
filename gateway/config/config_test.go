package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/shep"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func good(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "good.yaml"))
	must(t, err)
	return string(b)
}

func TestGood(t *testing.T) {
	t.Parallel()
	c, err := config.Load(filepath.Join("testdata", "good.yaml"))
	must(t, err)
	dir, err := filepath.Abs("testdata")
	must(t, err)
	if want := filepath.Join(dir, "kopir.db"); c.Journal.Path != want {
		t.Errorf("journal %s, want %s", c.Journal.Path, want)
	}
	if c.Trust.Roots[0] != "/etc/kopir/root.pem" {
		t.Errorf("an absolute name became %s", c.Trust.Roots[0])
	}
	p := c.Services[0]
	if p.Timeout.Std() != 20*time.Second || p.AttemptTimeout.Std() != 10*time.Second || p.ServiceID != "GBDFL_UniversalServiceSync" {
		t.Errorf("profile without defaults: %+v", p)
	}
	if c.Limits.RequestBytes != 65536 || c.Journal.Retention.Std() != 43800*time.Hour || c.IdentMode() != ident.Production {
		t.Errorf("defaults: %+v", c)
	}
	if w := c.Warnings(); len(w) != 0 {
		t.Errorf("warnings: %v", w)
	}
}

// TestBad holds every rule to its exact message and line: each file breaks one,
// says so in its first lines, and is otherwise good.
func TestBad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yaml"))
	must(t, err)
	if len(files) < 40 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".yaml"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(f)
			must(t, err)
			var want []string
			for line := range strings.Lines(string(b)) {
				if text, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, strings.TrimSpace(text))
				}
			}
			_, err = config.Parse(b, "/etc/kopir")
			if err == nil {
				t.Fatal("accepted")
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", err, strings.Join(want, "\n"))
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("a value is quoted")
			}
		})
	}
}

// TestEdgesOfReading holds cases that need no file of their own.
func TestEdgesOfReading(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "the file is empty"},
		{"only a comment", "# nothing\n", "the file is empty"},
		{"two documents", good(t) + "---\nmode: test\n", "a second document"},
		{"a list", "- mode\n", "must be a group of settings"},
		{"too long", strings.Repeat("#", 1<<20+1), "longer than"},
		{"not UTF-8", "mode: \xff\xfe\n", "UTF-8"},
		{"alias bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n", "unknown setting"},
	} {
		if _, err := config.Parse([]byte(tt.text), "/"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	_, err := config.Load(filepath.Join("testdata", "bad", "mode.yaml"))
	var wrong *config.Error
	if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), filepath.Join("testdata", "bad", "mode.yaml")+": line ") {
		t.Errorf("the file is not named: %v", err)
	}
	if _, err := config.Load("testdata/none.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestSettingsMadeInGo are held to the same rules.
func TestSettingsMadeInGo(t *testing.T) {
	t.Parallel()
	c := config.Default()
	err := c.Validate()
	if err == nil || !strings.Contains(err.Error(), "mode: must be") || strings.Contains(err.Error(), "line") {
		t.Errorf("%v", err)
	}
	if c.IdentMode() != ident.Production {
		t.Error("settings without a mode are not strict")
	}
}

// TestPrintHidesSecrets: the output has every setting, reads as
// the same settings, and holds no secret.
func TestPrintHidesSecrets(t *testing.T) {
	t.Parallel()
	c, err := config.Load(filepath.Join("testdata", "good.yaml"))
	must(t, err)
	var out bytes.Buffer
	must(t, c.Print(&out))
	hash := c.Clients[0].KeyHash.Reveal()
	if len(hash) != 76 || strings.Contains(out.String(), hash) || !strings.Contains(out.String(), "key_hash: '***'") {
		t.Errorf("printed:\n%s", out.String())
	}
	for _, want := range []string{"attempt_timeout: 10s", "retention: 43800h0m0s", "key_info: keyIdentifier", "request_bytes: 65536"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not printed", want)
		}
	}
	again := out.String()
	for _, cl := range c.Clients {
		for _, h := range cl.KeyHashes() {
			again = strings.Replace(again, "'***'", h, 1)
		}
	}
	back, err := config.Parse([]byte(again), "/")
	must(t, err)
	var second bytes.Buffer
	must(t, back.Print(&second))
	if second.String() != out.String() {
		t.Error("printed settings read differently")
	}
}

// TestSecretShowsNowhere: no printer and no encoder gives it away.
func TestSecretShowsNowhere(t *testing.T) {
	t.Parallel()
	const text = "hunter2"
	s := config.Secret(text)
	holder := struct{ S config.Secret }{s}
	j, err := json.Marshal(holder)
	must(t, err)
	y, err := yaml.Marshal(holder)
	must(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "holder", holder)
	for _, out := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", holder, holder, holder),
		fmt.Sprint(errors.New(s.String())), string(j), string(y), log.String(),
	} {
		if strings.Contains(out, text) || strings.Contains(out, fmt.Sprintf("%x", text)) {
			t.Errorf("shown: %s", out)
		}
	}
	if s.Reveal() != text {
		t.Error("and it does not come out where it should")
	}
}

func TestReadSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		must(t, os.Chmod(path, mode))
		return path
	}
	for _, tt := range []struct{ name, path, want string }{
		{"good", write("good", " hunter2\n", 0o600), ""},
		{"read-only", write("ro", "hunter2", 0o400), ""},
		{"group", write("group", "hunter2", 0o640), "accessible to others (mode 0640)"},
		{"others", write("others", "hunter2", 0o604), "accessible to others"},
		{"empty", write("empty", " \n", 0o600), "empty"},
		{"long", write("long", strings.Repeat("hunter2", 10_000), 0o600), "longer than"},
		{"directory", dir, "not a regular file"},
		{"absent", filepath.Join(dir, "none"), "no such file"},
	} {
		s, err := config.ReadSecret(tt.path)
		if tt.want == "" {
			if err != nil || s.Reveal() != "hunter2" {
				t.Errorf("%s: %q, %v", tt.name, s.Reveal(), err)
			}
		} else if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"short retention", func(c *config.Config) { c.Journal.Retention = config.Duration(time.Hour) }, "journal.retention: is below three years, the term for event logs"},
		{"for ever", func(c *config.Config) { c.Journal.Retention = 0 }, ""},
		{"all interfaces", func(c *config.Config) { c.Listen = ":8080" }, "listen: is open to the network"},
		{"all interfaces, spelled out", func(c *config.Config) { c.Listen = "[::]:8080" }, "listen: is open to the network"},
		{"nobody", func(c *config.Config) { c.Clients = nil }, "clients: is empty"},
		{"unsigned answers", func(c *config.Config) { c.Services[0].Answer.Envelope = shep.Accept }, "services[0].answer.envelope: unsigned answers"},
		{"unsigned messages", func(c *config.Config) { c.Services[0].Envelope.Signature = shep.NoSignature }, "services[0].envelope.signature: our own"},
		{"any signer", func(c *config.Config) { c.Services[1].Answer.Signer = "" }, "services[1].answer.signer: is empty"},
		{"plain http anywhere", func(c *config.Config) { c.Outbound.AllowAddresses, c.Services = nil, c.Services[:1] }, "services[0].endpoint: plain http"},
	} {
		c, err := config.Parse([]byte(good(t)), "/")
		must(t, err)
		tt.change(c)
		var got []string
		for _, w := range c.Warnings() {
			got = append(got, w.String())
		}
		if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], tt.want)) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAllowAddr(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode   string
		ranges []string
		addr   string
		want   bool
	}{
		{"production", nil, "10.1.2.3", true},
		{"production", nil, "127.0.0.1", false},
		{"test", nil, "127.0.0.1", false},
		{"mock", nil, "127.0.0.1", true},
		{"mock", nil, "::1", true},
		{"mock", nil, "169.254.169.254", false},
		{"production", []string{"10.61.0.0/16"}, "10.61.4.5", true},
		{"production", []string{"10.61.0.0/16"}, "10.62.4.5", false},
		{"mock", []string{"10.61.0.0/16"}, "127.0.0.1", false},
	} {
		c := config.Config{Mode: tt.mode, Outbound: config.Outbound{AllowAddresses: tt.ranges}}
		if got := c.AllowAddr()(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("%s %v %s: %t", tt.mode, tt.ranges, tt.addr, got)
		}
	}
}
