package xmldsig_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// TestRefusalsNameTheStep changes one thing in a document that two have signed,
// and holds where the refusal says it happened, and what was passed before. Names
// of nodes are the document's: the error's text has none.
func TestRefusalsNameTheStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	second := w.ca.Signer(t, "Second", pkitest.ECKey(t))
	once := w.sign(t, document)
	out, err := xmldsig.SignEnveloped(context.Background(), []byte(once), second)
	if err != nil {
		t.Fatal(err)
	}
	twice := string(out)
	inSecond := func(s, from, to string) string {
		at := strings.LastIndex(s, "<ds:Signature ")
		return s[:at] + strings.Replace(s[at:], from, to, 1)
	}
	inFirst := func(s, from, to string) string {
		at := strings.Index(s, "<ds:Signature ")
		return s[:at] + strings.Replace(s[at:], from, to, 1)
	}
	// The second signer signs what the first has spoilt.
	spoilt, err := xmldsig.SignEnveloped(context.Background(), []byte(inFirst(once, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA")), second)
	if err != nil {
		t.Fatal(err)
	}
	stranger := pki.NewStore(pki.Options{})
	all := []xmldsig.StepName{
		xmldsig.StepAlgorithms, xmldsig.StepForm, xmldsig.StepStructure, xmldsig.StepReferences, xmldsig.StepKeyInfo,
		xmldsig.StepTrust, xmldsig.StepValue, xmldsig.StepDigest,
	}
	for _, tt := range []struct {
		name      string
		doc       string
		keys      xmldsig.KeyResolver
		signer    string
		step      xmldsig.StepName
		signature int
		node      string // local name; "" is the document
		known     bool   // the signer is
	}{
		{"accepted", twice, w.store, "", "", 0, "", false},
		{"no signature", document, w.store, "", xmldsig.StepStructure, 0, "", false},
		{"signature in the middle", strings.Replace(once, "</p:answer>", "<p:x/></p:answer>", 1), w.store, "", xmldsig.StepStructure, 0, "Signature", false},
		{"unknown method", inSecond(twice, "ecdsa-sha256", "ecdsa-sha1"), w.store, "", xmldsig.StepAlgorithms, 2, "SignatureMethod", false},
		{"relative namespace", strings.Replace(twice, "<empty/>", `<empty xmlns="x"/>`, 1), w.store, "", xmldsig.StepForm, 2, "Signature", false},
		{"unexpected child", inSecond(twice, "</ds:SignedInfo>", "<ds:X/></ds:SignedInfo>"), w.store, "", xmldsig.StepStructure, 2, "SignedInfo", false},
		{"unknown Id", inSecond(twice, `URI=""`, `URI="#a"`), w.store, "", xmldsig.StepReferences, 2, "Reference", false},
		{"part of the document", inSecond(strings.Replace(twice, "<empty/>", `<empty Id="a"/>`, 1), `URI=""`, `URI="#a"`), w.store, "", xmldsig.StepReferences, 2, "empty", false},
		{"two canonicalizations", inSecond(twice, "</ds:Transforms>", `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>`), w.store, "", xmldsig.StepReferences, 2, "Reference", false},
		{"unknown KeyInfo", inSecond(twice, "</ds:KeyInfo>", "<ds:X/></ds:KeyInfo>"), w.store, "", xmldsig.StepKeyInfo, 2, "Signature", false},
		{"not trusted", twice, stranger, "", xmldsig.StepTrust, 2, "Signature", false},
		{"first is not the expected", twice, w.store, "CN=Second", xmldsig.StepTrust, 1, "Signature", true},
		{"value of the second", inSecond(twice, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), w.store, "", xmldsig.StepValue, 2, "Signature", true},
		{"value of the first", string(spoilt), w.store, "", xmldsig.StepValue, 1, "Signature", true},
		{"changed content", strings.Replace(twice, "Ко", "Ка", 1), w.store, "", xmldsig.StepDigest, 2, "answer", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := xmltext.ParseString(tt.doc, w.policy.Limits)
			if err != nil {
				t.Fatal(err)
			}
			var passed []xmldsig.Step
			p := w.policy
			p.Signer, p.Report = tt.signer, func(s xmldsig.Step) { passed = append(passed, s) }
			_, err = xmldsig.VerifyAllEnveloped(context.Background(), d.Root(), tt.keys, p)
			want := slices.Concat(all, all) // of the second signature, then of the first
			var e *xmldsig.Error
			switch {
			case tt.step == "" && err != nil:
				t.Fatal(err)
			case tt.step == "":
			case !errors.As(err, &e) || e.Step.Name != tt.step || e.Step.Signature != tt.signature || e.Step.Node.Local() != tt.node || (e.Step.Signer != nil) != tt.known:
				t.Fatalf("%v: step %q of signature %d at %q", err, e.Step.Name, e.Step.Signature, e.Step.Node.Local())
			case tt.signature == 0:
				want = nil
			default:
				want = want[:(2-tt.signature)*len(all)+slices.Index(all, tt.step)]
			}
			if err != nil && strings.Contains(err.Error(), "empty") {
				t.Errorf("the error repeats a name of the document: %v", err)
			}
			for i, s := range passed {
				if i >= len(want) || s.Name != want[i] || s.Signature != 2-i/len(all) || (s.Name == xmldsig.StepDigest) != (s.Target == "answer") {
					t.Errorf("passed %q of signature %d, target %q", s.Name, s.Signature, s.Target)
				}
			}
			if len(passed) != len(want) {
				t.Errorf("%d checks were passed, want %d", len(passed), len(want))
			}
		})
	}
}
