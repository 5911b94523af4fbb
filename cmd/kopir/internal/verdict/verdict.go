// Package verdict is what the tools for single messages, certificates and keys
// say: accepted or refused, and if refused, at which step, about which node,
// digest, certificate and link of a chain.
//
// It is one object with two faces, JSON for programs and aligned text for
// people. Neither shows personal data of a certificate, and what stands in the
// judged bytes cannot play tricks on a terminal.
package verdict

import (
	"crypto/x509"
	"encoding/json"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// The words of Verdict.Verdict.
const (
	Accepted = "accepted"
	Refused  = "refused"
)

// Verdict is the outcome of a judgement. The first six fields are there whatever
// is judged.
type Verdict struct {
	Verdict   string    `json:"verdict"` // Accepted or Refused
	Class     pki.Class `json:"class,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Covered   []string  `json:"covered"` // what the verifier vouches for
	Signer    string    `json:"signer,omitempty"`
	Algorithm string    `json:"algorithm,omitempty"`

	Failed  *Failed       `json:"failed,omitempty"`
	Signers []Signer      `json:"signers,omitempty"` // of several, the last to sign first
	Chain   []Certificate `json:"chain,omitempty"`   // from the signer's certificate to the anchor
	Facts   Facts         `json:"facts,omitempty"`   // what else was found
	Steps   []Step        `json:"steps,omitempty"`   // what was checked, in that order
}

// Failed is where it went wrong, as far as that is known.
type Failed struct {
	Step        string       `json:"step,omitempty"`      // of a part of the message in the step of the whole: "timestamp/trust"
	Signature   int          `json:"signature,omitempty"` // of several, from 1
	Node        string       `json:"node,omitempty"`      // path of an element, and its Id
	Digest      string       `json:"digest,omitempty"`    // name of the digest that does not hold
	Certificate *Certificate `json:"certificate,omitempty"`
	Link        *int         `json:"link,omitempty"` // of the certificate in its chain; 0 is the signer's own
}

// Signer is one of several who signed.
type Signer struct {
	Signature   int          `json:"signature"` // from 1
	Holds       bool         `json:"holds"`
	Signer      string       `json:"signer,omitempty"`
	Algorithm   string       `json:"algorithm,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`
}

// Certificate names a certificate, without personal data.
type Certificate struct {
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	Serial  string `json:"serial"` // hex
}

// Step is one check.
type Step struct {
	Step      string `json:"step"`
	Signature int    `json:"signature,omitempty"` // of several, from 1
	Link      *int   `json:"link,omitempty"`      // of a chain
	OK        bool   `json:"ok"`
	Text      string `json:"text,omitempty"`
}

// Facts are named values, in an order of their own.
type Facts []Fact

// Fact is a named value: a string, a number, a list of strings.
type Fact struct {
	Name  string
	Value any
}

// MarshalJSON writes an object.
func (f Facts) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, fact := range f {
		name, err := json.Marshal(fact.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(fact.Value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// Add appends a fact, unless the value is empty text or an empty list.
func (f *Facts) Add(name string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	}
	*f = append(*f, Fact{name, value})
}

// Accept is the verdict on what passed.
func Accept(covered ...string) *Verdict { return &Verdict{Verdict: Accepted, Covered: covered} }

// Of names a certificate; nil for none.
func Of(c *x509.Certificate) *Certificate {
	if c == nil {
		return nil
	}
	return &Certificate{Subject: pki.NameText(c.Subject), Issuer: pki.NameText(c.Issuer), Serial: c.SerialNumber.Text(16)}
}

// Chained names the certificates of a chain.
func Chained(chain []*x509.Certificate) (out []Certificate) {
	for _, c := range chain {
		out = append(out, *Of(c))
	}
	return out
}

// Until lists steps that are taken one after another, up to the one that failed;
// "" is none, and all were passed.
func Until[S ~string](failed, reason string, names ...S) (out []Step) {
	for _, n := range names {
		if string(n) == failed {
			return append(out, Step{Step: failed, Text: reason})
		}
		out = append(out, Step{Step: string(n), OK: true})
	}
	if failed != "" {
		out = append(out, Step{Step: failed, Text: reason})
	}
	return out
}
