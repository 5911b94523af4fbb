package main

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// furnished makes a stand of a suite and gives its files by name.
func furnished(t *testing.T, suite pki.Suite) func(name string) string {
	t.Helper()
	world, err := mocks.Start(mocks.Options{Suite: suite})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := world.PKI.WriteFiles(dir); err != nil {
		t.Fatal(err)
	}
	if err := furnish(dir, world); err != nil {
		t.Fatal(err)
	}
	return func(name string) string { return filepath.Join(dir, name) }
}

// TestEverySuite: every tool judges keys, documents and answers of every family.
func TestEverySuite(t *testing.T) {
	t.Parallel()
	algorithms := map[pki.Suite]string{pki.GOST2015: "ГОСТ 34.10-2015/512", pki.GOST2004: "ГОСТ 34.310-2004", pki.RSA: "RSA-SHA256", pki.ECDSA: "ECDSA-SHA256"}
	for _, suite := range pki.Suites() {
		t.Run(string(suite), func(t *testing.T) {
			t.Parallel()
			at := furnished(t, suite)
			authority := algorithms[suite]
			if suite == pki.RSA {
				authority = algorithms[pki.ECDSA] // keys for RSA are slow to make
			}
			trust := []string{"--trust", at("roots.pem"), "--intermediate", at("intermediates.pem")}
			person := []string{"--password-file", at("person.password")}
			sign := func(args ...string) string {
				status, out, errs := call(t, append([]string{"envelope", "sign"}, args...)...)
				if status != exitOK {
					t.Fatal(errs)
				}
				name := filepath.Join(t.TempDir(), "signed.xml")
				if err := os.WriteFile(name, []byte(out), 0o600); err != nil {
					t.Fatal(err)
				}
				return name
			}
			data := filepath.Join(t.TempDir(), "data.xml")
			if err := os.WriteFile(data, []byte("<data>Сынақ</data>"), 0o600); err != nil {
				t.Fatal(err)
			}
			twice := sign(append(person, "--enveloped", "--key", at("person.p12"), sign("--enveloped", "--key", at("client.key.pem"), "--cert", at("client.cert.pem"), data))...)
			for _, tt := range []struct {
				algorithm string
				args      []string
			}{
				{algorithms[suite], append(append([]string{"keys", "check"}, append(person, trust...)...), at("person.p12"))},
				{authority, append(append([]string{"cert", "verify", "--crl", at("crls.pem")}, trust...), at("client.cert.pem"))},
				{algorithms[suite], append(append([]string{"cms", "verify", "--timestamp", "require"}, trust...), at("document.cms"))},
				{authority, []string{"crl", "verify", "--issuer", at("intermediates.pem"), at("system.crl")}},
				{algorithms[suite], []string{"ocsp", "verify", "--issuer", at("intermediates.pem"), "--cert", at("client.cert.pem"), at("good.ocsp")}},
				{algorithms[suite], append(append([]string{"tsp", "verify", "--content", at("document.txt")}, trust...), at("document.tsr"))},
				{algorithms[suite], append(append([]string{"envelope", "verify", "--enveloped"}, trust...), twice)},
			} {
				var v told
				status, out, errs := call(t, append(tt.args, "--json")...)
				if err := json.Unmarshal([]byte(out), &v); err != nil || status != exitOK || v.Verdict.Verdict != verdict.Accepted || v.Algorithm != tt.algorithm {
					t.Errorf("%s: status %d, %v\n%s%s", strings.Join(tt.args[:2], " "), status, err, out, errs)
				}
				for _, s := range v.Steps {
					if !s.OK {
						t.Errorf("%s: accepted, and %s failed", strings.Join(tt.args[:2], " "), s.Step)
					}
				}
			}
		})
	}
}

// TestT29PasswordsStayWhereTheyAre: no flag takes a password, which everybody on
// the machine could read in the list of processes, and no output holds one, or a
// part of a private key, or a person.
func TestT29PasswordsStayWhereTheyAre(t *testing.T) {
	const wrong = "құпия сөз 2"
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		for _, f := range leaf.Flags {
			switch {
			case !strings.Contains(f.Name, "password") && !strings.Contains(f.Name, "secret"):
			case f.Name == "password-stdin" && f.IsBool(), f.Name == "password-file":
			default:
				t.Errorf("%s has the flag --%s", leaf.Path(), f.Name)
			}
		}
	}
	at := furnished(t, pki.ECDSA)
	opened := filepath.Join(t.TempDir(), "opened")
	secrets := []string{personPassword, wrong, synthetic.IIN, synthetic.Surname, synthetic.Patronymic, "PRIVATE KEY"}
	silent := func(args ...string) {
		t.Helper()
		_, out, errs := call(t, args...)
		if out+errs == "" {
			t.Errorf("%q says nothing", args)
		}
		for i, s := range secrets {
			if strings.Contains(out+errs, s) {
				t.Errorf("%s %s tells secret %d", args[0], args[1], i)
			}
		}
	}
	silent("keys", "open", "--password-file", at("person.password"), "--out", opened, at("person.p12"))
	key, err := os.ReadFile(filepath.Join(opened, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(key)
	secrets = append(secrets, base64.StdEncoding.EncodeToString(block.Bytes)[60:90])
	for _, password := range []string{personPassword, wrong, ""} {
		t.Setenv(passwordEnv, password)
		for _, form := range [][]string{nil, {"--json"}} {
			silent(slices.Concat([]string{"keys", "info", at("person.p12")}, form)...)
			silent(slices.Concat([]string{"keys", "check", at("person.p12")}, form)...)
			silent(slices.Concat([]string{"keys", "expiry", at("person.p12")}, form)...)
			silent(slices.Concat([]string{"keys", "open", "--out", opened, at("person.p12")}, form)...)
			silent(slices.Concat([]string{"keys", "check", "--cert", at("client.cert.pem"), filepath.Join(opened, "key.pem")}, form)...)
		}
		silent("envelope", "sign", "--key", at("person.p12"), at("document.txt"))
		silent("keys", "info", "--password", password, at("person.p12"))
	}
}
