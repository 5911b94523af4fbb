package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/population"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kopir": main, "sign-for-kopir": signForKopir})
}

// TestScripts runs the program as a person would; each script is headed by
// what it shows.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			// A signer with everything a stand needs, under $WORK/stand.
			world, err := mocks.Start(mocks.Options{})
			if err != nil {
				return err
			}
			if err := world.Listen("127.0.0.1:0"); err != nil {
				return err
			}
			e.Defer(func() { _ = world.Close() })
			dir := filepath.Join(e.WorkDir, "stand")
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			err = writeSettings(dir, filepath.Join(dir, "kopir.yaml"), "127.0.0.1:0", config.Log{Level: "info", Format: "json"}, world)
			return errors.Join(err, furnish(dir, world))
		},
		Cmds:          map[string]func(ts *testscript.TestScript, neg bool, args []string){"mask": mask, "exits": exits},
		UpdateScripts: os.Getenv("KOPIR_UPDATE") != "", // writes what "cmp masked" wants anew
	})
}

// call runs the program in this process.
func call(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(context.Background(), args, streams{strings.NewReader(""), &out, &errs})
	return status, out.String(), errs.String()
}

// TestMocksWithGenerated serves a population of a million.
func TestMocksWithGenerated(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"mocks", "--listen", "127.0.0.1:0", "--suite", "ecdsa", "--population", "7:1000000"}, streams{strings.NewReader(""), in, io.Discard})
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	url := ""
	for lines.Scan() {
		if m := regexp.MustCompile(`^mocks +(\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
		if strings.HasPrefix(lines.Text(), "generated 1000000 people") {
			break
		}
	}
	resp, err := http.Get(url + "/mock/people/generated?from=999999&count=5")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		People    []struct{ IIN string }
		Generated int
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.People) != 1 || len(got.People[0].IIN) != 12 || got.Generated != 1_000_000 {
		t.Errorf("%+v %v", got, err)
	}
	stop()
	if status := <-done; status != exitOK {
		t.Errorf("status %d", status)
	}
}

// TestDemo runs the main job in every language.
func TestDemo(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"kk", "ru", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			status, out, errs := call(t, "demo", "--lang", lang)
			if status != exitOK {
				t.Fatalf("status %d\n%s\n%s", status, out, errs)
			}
			for _, want := range []string{
				`"surname": "Сынақов"`, `"status": "not_found"`, `"code": "signature-invalid"`, "account.holder", "death.match",
				phrases[lang]["person"], phrases[lang]["consistency"], phrases[lang]["more"],
			} {
				if !strings.Contains(out, want) {
					t.Errorf("the demo does not show %s", want)
				}
			}
			holdDemo(t, out, lang, "ГОСТ 34.10-2015/512")
		})
	}
}

// holdDemo: the five domains and at least three neighbours are asked, every answer
// with its exchange and the verdicts on both of its signatures, and all is on
// record.
func holdDemo(t *testing.T, out, lang, algorithm string) {
	t.Helper()
	count := func(pattern string) int { return len(regexp.MustCompile("(?m)^"+pattern).FindAllString(out, -1)) }
	neighbours := 0
	for _, q := range familyQuestions(demoPeople(t), time.Now()) {
		asked := strings.Contains(out, phrases[lang][q.operation]+"\nPOST "+q.path+" → 200\n"+factMark)
		switch q.operation {
		case "address.search", "civil-act.search", "disability.search", "bank-account.check":
			if !asked {
				t.Errorf("%s is not asked", q.operation)
			}
		default:
			if asked {
				neighbours++
			}
		}
	}
	if neighbours < 3 {
		t.Errorf("only %d neighbours are asked", neighbours)
	}
	const id = "[0-9a-f]{8}-[0-9a-f-]{27}"
	exchanges := count(regexp.QuoteMeta(strings.Split(phrases[lang]["exchange"], "%")[0]) + id + "$")
	if n := count(".*(envelope|inner) .*verified.*" + regexp.QuoteMeta(algorithm) + ".*$"); exchanges != 6+neighbours || n != 2*exchanges {
		t.Errorf("%d exchanges and %d signature verdicts are shown, with %d neighbours:\n%s", exchanges, n, neighbours, out)
	}
	together := count(` ?[0-9]+  [a-z.-]+ +found +` + id + "$")
	if n := count(id + "  [a-z.-]+ +[a-z_-]+$"); together < 10 || n != exchanges+together+1 {
		t.Errorf("%d exchanges are on record, of %d and %d in the batch", n, exchanges, together)
	}
}

func demoPeople(t *testing.T) *population.Population {
	t.Helper()
	people, err := population.Load(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// TestDemoSuites runs the main job in every family of algorithms.
func TestDemoSuites(t *testing.T) {
	t.Parallel()
	for suite, algorithm := range map[string]string{
		"gost2015": "ГОСТ 34.10-2015/512", "gost2004": "ГОСТ 34.310-2004", "rsa": "RSA-SHA256", "ecdsa": "ECDSA-SHA256",
	} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			status, out, errs := call(t, "demo", "--suite", suite)
			if status != exitOK {
				t.Fatalf("status %d\n%s\n%s", status, out, errs)
			}
			holdDemo(t, out, "en", algorithm)
		})
	}
	if status, _, errs := call(t, "demo", "--suite", "dsa"); status != exitUsage || !strings.Contains(errs, "gost2015") {
		t.Errorf("status %d: %s", status, errs)
	}
}

// TestT20DemoLogsNoPersonalData searches everything the demo prints at debug
// level for its people: they may stand in response bodies only.
func TestT20DemoLogsNoPersonalData(t *testing.T) {
	t.Parallel()
	status, out, errs := call(t, "demo", "--log", "debug")
	if status != exitOK {
		t.Fatalf("status %d\n%s", status, errs)
	}
	if strings.Count(errs, `"level":"DEBUG"`) < 8 {
		t.Fatalf("the log has too few lines to prove anything:\n%s", errs)
	}
	world, err := mocks.Start(mocks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outside := withoutBodies(out)
	if outside == out || !strings.Contains(outside, "POST /v1/persons/search") {
		t.Fatal("the response bodies were not found")
	}
	secrets := []string{strings.TrimPrefix(devKey, "kopir_")}
	for _, p := range world.People.People() {
		secrets = append(secrets, p.IIN, p.Name.Kk.Surname, p.Name.Kk.Given, p.Name.Ru.Surname, p.Name.Ru.Given, p.Name.Latin.Surname)
		for _, d := range p.Documents {
			secrets = append(secrets, d.Number)
		}
	}
	secrets = append(secrets, world.People.NotFound()...)
	for _, s := range secrets {
		if len(s) < 4 {
			continue
		}
		if strings.Contains(errs, s) {
			t.Errorf("the log holds personal data or a key: %d characters beginning with %q", len(s), s[:2])
		}
		if strings.Contains(outside, s) {
			t.Errorf("the comments of the demo hold personal data: %d characters beginning with %q", len(s), s[:2])
		}
	}
}

// withoutBodies leaves out the JSON documents and the lines of facts.
func withoutBodies(out string) string {
	return regexp.MustCompile(`(?ms)^\{\n.*?^\}\n|^`+factMark+`[^\n]*\n`).ReplaceAllString(out, "")
}

// TestT39KilledExchangeLeavesItsIntent kills the gateway, a process of its own,
// between sending and answer, and finds the intent in the journal.
func TestT39KilledExchangeLeavesItsIntent(t *testing.T) {
	t.Parallel()
	world, err := mocks.Start(mocks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := world.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "kopir.yaml")
	if err := writeSettings(dir, file, "127.0.0.1:0", config.Log{Level: "info", Format: "json"}, world); err != nil {
		t.Fatal(err)
	}
	if err := world.Arm(faults.Arming{Fault: "transport-hang"}); err != nil {
		t.Fatal(err)
	}
	child, addr := serveChild(t, file)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		body := `{"purpose":{"service":"s","case":"c","legal_basis":"l","official":"o"},"query":{"iin":"` + world.People.ByKey("adult").IIN + `"}}`
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/v1/persons/search", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+devKey)
		if resp, err := http.DefaultClient.Do(r); err == nil {
			_ = resp.Body.Close()
		}
	}()
	waitFor(t, "the message to arrive", func() bool { return len(world.Received()) > 0 })
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()

	status, out, errs := call(t, "journal", "--config", file, "--unfinished", "--json")
	var entry struct {
		Intent struct{ Exchange, Operation, Client string }
	}
	if err := json.Unmarshal([]byte(out), &entry); status != exitOK || err != nil {
		t.Fatalf("status %d, %v\n%s%s", status, err, out, errs)
	}
	if entry.Intent.Operation != "person.search" || entry.Intent.Client != "dev" || entry.Intent.Exchange == "" {
		t.Errorf("the journal has %+v", entry.Intent)
	}
}

// serveChild starts kopir serve as a process and waits until it listens.
func serveChild(t *testing.T, file string) (*exec.Cmd, string) {
	t.Helper()
	kopir, err := exec.LookPath("kopir") // made by TestMain
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(kopir, "serve", "--config", file)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	var said strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return cmd, line.Address
		}
	}
	t.Fatalf("the gateway ended before it listened:\n%s", said.String())
	return nil, ""
}

// waitFor asks until something is so, for a minute at most.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		if so() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--help"}, exitOK, "demo"},
		{[]string{}, exitUsage, "--help"},
		{[]string{"fly"}, exitUsage, "fly"},
		{[]string{"envelope", "verify"}, exitUsage, "<file>"},
		{[]string{"envelope", "verify", "/nowhere"}, exitUsage, "/nowhere"},
		{[]string{"mocks", "--mode", "production"}, exitUsage, "mock"},
		{[]string{"serve", "--config", "/nowhere"}, exitUsage, "/nowhere"},
	} {
		t.Run(fmt.Sprint(tt.args), func(t *testing.T) {
			t.Parallel()
			status, out, errs := call(t, tt.args...)
			if status != tt.status || !strings.Contains(out+errs, tt.says) {
				t.Errorf("status %d, want %d\n%s%s", status, tt.status, out, errs)
			}
		})
	}
}
