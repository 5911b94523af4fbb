package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/mocks"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
)

// FuzzTools: whatever a tool is given, it comes to a verdict with a class, or
// accepts what it vouches for.
func FuzzTools(f *testing.F) {
	world, err := mocks.Start(mocks.Options{Suite: mockpki.ECDSA})
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	if _, err := world.PKI.WriteFiles(dir); err != nil {
		f.Fatal(err)
	}
	if err := furnish(dir, world); err != nil {
		f.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	tools := [][]string{
		{"cert", "verify", "--trust", at("roots.pem"), "--intermediate", at("intermediates.pem")},
		{"cms", "verify", "--trust", at("roots.pem"), "--intermediate", at("intermediates.pem")},
		{"crl", "verify", "--issuer", at("intermediates.pem")},
		{"ocsp", "verify", "--issuer", at("intermediates.pem")},
		{"tsp", "verify", "--trust", at("roots.pem"), "--intermediate", at("intermediates.pem")},
		{"envelope", "verify", "--trust", at("roots.pem")},
		{"envelope", "verify", "--enveloped", "--trust", at("roots.pem")},
	}
	for i, name := range []string{"client.cert.der", "document.cms", "system.crl", "good.ocsp", "document.tsr"} {
		b, err := os.ReadFile(at(name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, b)
	}
	f.Add(5, []byte(`<a/>`))
	f.Fuzz(func(t *testing.T, tool int, in []byte) {
		tool = int(uint(tool) % uint(len(tools)))
		var out, errs bytes.Buffer
		status := run(context.Background(), append(tools[tool][:len(tools[tool]):len(tools[tool])], "--json", "-"), streams{bytes.NewReader(in), &out, &errs})
		var v told
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatalf("%v: status %d, %v, %s", tools[tool][:2], status, err, errs.String())
		}
		classes := map[pki.Class]bool{pki.ClassInput: true, pki.ClassStructure: true, pki.ClassTrust: true, pki.ClassSignature: true, pki.ClassFreshness: true, pki.ClassCorrelation: true}
		switch {
		case v.Verdict.Verdict == verdict.Accepted && status == exitOK && len(v.Covered) > 0 && v.Signer != "":
		case v.Verdict.Verdict == verdict.Refused && status == exitRefused && classes[v.Class] && v.Reason != "" && v.Failed.Step != "" && len(v.Covered) == 0:
		default:
			t.Errorf("%v: status %d, %s", tools[tool][:2], status, out.String())
		}
	})
}
