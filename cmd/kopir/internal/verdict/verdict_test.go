package verdict_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// TestRefuse: class, step and signature of every kind of error.
func TestRefuse(t *testing.T) {
	t.Parallel()
	untrusted := &pki.Error{Reason: pki.ReasonExpired, Text: "x"}
	for _, tt := range []struct {
		name      string
		err       error
		class     pki.Class
		step      string
		signature int
	}{
		{"any", errors.New("x"), "input", "input", 0},
		{"certificate", untrusted, "input", "input", 0},
		{"XML", &xmldsig.Error{Class: xmldsig.ClassTrust, Err: untrusted, Step: xmldsig.Step{Name: xmldsig.StepTrust, Signature: 2}}, "trust", "trust", 2},
		{"wrapped XML", fmt.Errorf("w: %w", &xmldsig.Error{Class: xmldsig.ClassFreshness}), "freshness", "freshness", 0},
		{"CMS", &cms.Error{Step: cms.StepDigest, Signer: 3}, "signature", "digest", 3},
		{"time-stamp of a CMS message", &cms.Error{Step: cms.StepTimestamp, Signer: 1, Err: &tsp.Error{Step: tsp.StepSignature, Err: &cms.Error{Step: cms.StepTrust, Signer: 1, Err: untrusted}}}, "trust", "timestamp/signature/trust", 1},
		{"keystore", fmt.Errorf("f: %w", &pkcs12.Error{Reason: pkcs12.WrongPassword}), "input", "wrong-password", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := verdict.Refuse(pki.ClassInput, tt.err)
			if v.Verdict != verdict.Refused || v.Class != tt.class || v.Failed.Step != tt.step || v.Failed.Signature != tt.signature || v.Covered == nil {
				t.Errorf("%s: class %s, failed %+v", v.Verdict, v.Class, v.Failed)
			}
		})
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	d, err := xmltext.ParseString(`<s:e xmlns:s="urn:s" ID="top"><a/><b><c/><c s:Id="x" id="&quot;y"/></b>`+strings.Repeat("<d>", 100)+"<f/>"+strings.Repeat("</d>", 100)+`</s:e>`, xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root := d.Root()
	b := root.Child("", "b")
	deep := root.Child("", "d")
	for !deep.First().IsZero() {
		deep = deep.First()
	}
	for want, n := range map[string]xmltext.Node{
		"":                                  {},
		`/s:e (ID "top")`:                   root,
		"/s:e/b":                            b,
		"/s:e/b/c[1]":                       b.First(),
		`/s:e/b/c[2] (s:Id "x") (id "\"y")`: b.First().NextElement(),
		"/s:e/d/d/d/d/d/…/d/d/d/d/d/f":      deep,
	} {
		if got := verdict.Path(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPlain: nothing that is printed moves a cursor or turns text round.
func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"CN=Көпір «А», 1": "CN=Көпір «А», 1", "a\x1b[2Jb": `a\u{1b}[2Jb`, "a\u202eb": `a\u{202e}b`, "a\r\nb": `a\u{d}\u{a}b`, "\xff": "\ufffd", "a\u200bb": `a\u{200b}b`,
	} {
		if got := verdict.Plain(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	v := verdict.Accept("c\n")
	v.Signer, v.Algorithm = "CN=\x1b]0;x\x07", "A"
	v.Steps = []verdict.Step{{Step: "s\x1b", OK: true, Text: "\u2067"}}
	v.Facts.Add("f\x1b", []string{"\x1b", "b"})
	var out bytes.Buffer
	if err := v.Write(&out, false); err != nil || strings.ContainsAny(out.String(), "\x1b\x07\u2067") {
		t.Errorf("%v, %q", err, out.String())
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	var f verdict.Facts
	f.Add("z", 1)
	f.Add("empty", "")
	f.Add("none", []string(nil))
	f.Add("a", "x\"")
	f.Add("list", []string{"1", "2"})
	b, err := json.Marshal(f)
	if want := `{"z":1,"a":"x\"","list":["1","2"]}`; err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	for failed, want := range map[string]string{"": "a b c", "a": "-a", "b": "a -b", "d": "a b c -d"} {
		var got []string
		for _, s := range verdict.Until(failed, "why", "a", "b", "c") {
			name := s.Step
			if !s.OK {
				name = "-" + name
			}
			if s.OK == (s.Text == "why") {
				t.Errorf("%s: text %q", name, s.Text)
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("until %q: %q", failed, got)
		}
	}
}

// TestTrace: of several signatures each is told, and the one that was stopped at
// does not hold; of one nobody counts.
func TestTrace(t *testing.T) {
	t.Parallel()
	stopped := func(signature int) *verdict.Verdict {
		return verdict.Refuse("", &cms.Error{Step: cms.StepTrust, Signer: signature})
	}
	for _, tt := range []struct {
		name    string
		passed  []int // signatures of which a check was passed
		v       *verdict.Verdict
		signers string // numbers; with - what does not hold
		count   int    // of steps
	}{
		{"one", []int{1, 1}, verdict.Accept("x"), "", 2},
		{"one, stopped", []int{1}, stopped(1), "", 2},
		{"second stopped", []int{1, 1, 2}, stopped(2), "-2", 4},
		{"first of several stopped", nil, stopped(2), "-2", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var trace verdict.Trace
			for _, n := range tt.passed {
				trace.CMS(n, cms.StepAttributes, cms.Signer{})
			}
			trace.Tell(tt.v)
			var signers []string
			for _, s := range tt.v.Signers {
				sign := ""
				if !s.Holds {
					sign = "-"
				}
				signers = append(signers, fmt.Sprint(sign, s.Signature))
			}
			if got := strings.Join(signers, " "); got != tt.signers || len(tt.v.Steps) != tt.count {
				t.Errorf("signers %q, %d steps", got, len(tt.v.Steps))
			}
			for _, s := range tt.v.Steps {
				if (s.Signature > 0) != (tt.signers != "") {
					t.Errorf("step %s of signature %d", s.Step, s.Signature)
				}
			}
		})
	}
}
