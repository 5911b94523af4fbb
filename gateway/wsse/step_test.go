package wsse_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestRefusalsNameTheStep holds where a refusal says it happened, and what was
// passed before.
func TestRefusalsNameTheStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	signed := string(w.sign(t, envelope, wsse.SignOptions{}))
	all := []xmldsig.StepName{
		xmldsig.StepAlgorithms, xmldsig.StepForm, xmldsig.StepStructure, xmldsig.StepReferences, xmldsig.StepKeyInfo,
		xmldsig.StepTrust, xmldsig.StepValue, xmldsig.StepDigest, xmldsig.StepCoverage,
	}
	change := func(from, to string) string { return strings.Replace(signed, from, to, 1) }
	timestamp := `<u:Timestamp xmlns:u="` + wsse.NamespaceUtility + `"><u:Created>2001-01-01T00:00:00Z</u:Created></u:Timestamp>`
	for _, tt := range []struct {
		name, doc string
		passed    []xmldsig.StepName
		step      xmldsig.StepName // "" is accepted
		node      string
	}{
		{"accepted", signed, all, "", ""},
		{"not XML", "<a", nil, xmldsig.StepText, ""},
		{"unsigned", envelope, nil, xmldsig.StepStructure, ""},
		{"behind the Body", change("</soap:Body>", "</soap:Body><soap:Body/>"), nil, xmldsig.StepStructure, "Body"},
		{"reference to nothing", change(`URI="#`, `URI="#x`), all[:3], xmldsig.StepReferences, "Reference"},
		{"changed Body", change("m-1", "m-2"), all[:7], xmldsig.StepDigest, "Body"},
		{"old", change("</wsse:Security>", timestamp+"</wsse:Security>"), all, xmldsig.StepFreshness, "Timestamp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := *w
			var passed []xmldsig.StepName
			v.policy.Report = func(s xmldsig.Step) { passed = append(passed, s.Name) }
			_, err := v.verify([]byte(tt.doc))
			var e *xmldsig.Error
			if tt.step == "" && err != nil || tt.step != "" && (!errors.As(err, &e) || e.Step.Name != tt.step || e.Step.Node.Local() != tt.node) {
				t.Errorf("%v: %+v", err, e)
			}
			if !slices.Equal(passed, tt.passed) {
				t.Errorf("passed %q", passed)
			}
		})
	}
}
