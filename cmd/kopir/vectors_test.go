package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
)

// vectors is the folder with the objects made by others; without it the test is
// skipped.
func vectors(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("KOPIR_VECTORS")
	if dir == "" {
		t.Skip("KOPIR_VECTORS does not name the folder with the signature vectors")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(root, dir) // relative to the root of the project
	}
	return dir
}

// TestVectors runs the open part of the WS-Security suite through the tool: the
// verdict, the class and the exit status count.
func TestVectors(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(vectors(t), "wss-suite")
	var manifest struct {
		Clock         string   `json:"clock"`
		TrustAnchor   string   `json:"trust_anchor"`
		Intermediates []string `json:"intermediates"`
		CRL           []string `json:"crl"`
		Signer        string   `json:"pinned_signer_subject"`
		Request       struct {
			CorrelationID string `json:"correlationId"`
		} `json:"request"`
		Vectors []struct{ File, Expect, Why string } `json:"vectors"`
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"envelope", "verify", "--json", "--trust", filepath.Join(dir, manifest.TrustAnchor), "--at", manifest.Clock,
		"--store", filepath.Join(dir, "keys/shep.cert.pem"), "--signer", manifest.Signer, "--correlation", manifest.Request.CorrelationID,
	}
	for _, f := range manifest.Intermediates {
		args = append(args, "--intermediate", filepath.Join(dir, f))
	}
	for _, f := range manifest.CRL {
		args = append(args, "--crl", filepath.Join(dir, f))
	}
	for _, v := range manifest.Vectors {
		t.Run(v.File, func(t *testing.T) {
			t.Parallel()
			status, out, errs := call(t, append(args[:len(args):len(args)], filepath.Join(dir, v.File))...)
			var got verdict.Verdict
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%v\n%s%s", err, out, errs)
			}
			if want := classOf(v.File); v.Expect == "accept" && (got.Verdict != "accepted" || status != exitOK) ||
				v.Expect != "accept" && (got.Verdict != "refused" || string(got.Class) != want || status != exitRefused) {
				t.Errorf("%s: want %s %s, got status %d, %s", v.Why, v.Expect, want, status, out)
			}
		})
	}
}

// classOf is the step at which a vector must be refused, by the group its name
// tells; the exceptions are listed.
func classOf(file string) string {
	name := filepath.Base(file)
	switch number, _, _ := strings.Cut(name, "-"); number {
	case "n01", "n19", "c08":
		return "signature"
	case "n04", "w20", "p09":
		return "structure"
	case "c04":
		return "input"
	case "p01":
		return "correlation"
	case "p03":
		return "freshness"
	}
	switch name[0] {
	case 'n':
		return "trust"
	case 'x':
		return "structure"
	default: // w: not well-formed, d: denial of service
		return "input"
	}
}
