package wsse_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// classes holds, for each open vector of the WS-Security suite, the step at
// which it must be refused: the reason counts as much as the verdict.
var classes = map[string]xmldsig.Class{
	"invalid/n01-body-changed.xml":                             xmldsig.ClassSignature,
	"invalid/n04-no-signature.xml":                             xmldsig.ClassStructure,
	"invalid/n10-attacker-selfsigned-same-dn.xml":              xmldsig.ClassTrust,
	"invalid/n12-expired-cert.xml":                             xmldsig.ClassTrust,
	"invalid/n16-rsa-1024.xml":                                 xmldsig.ClassTrust,
	"invalid/n19-rsa-sha1.xml":                                 xmldsig.ClassSignature,
	"invalid/x01-xsw1-signed-body-inside-signature-object.xml": xmldsig.ClassStructure,
	"invalid/x02-xsw2-signed-body-sibling-of-signature.xml":    xmldsig.ClassStructure,
	"invalid/x04-xsw4-signed-body-inside-evil-body.xml":        xmldsig.ClassStructure,
	"invalid/x06-xsw6-signed-body-inside-keyinfo.xml":          xmldsig.ClassStructure,
	"invalid/x09-duplicate-id-evil-first.xml":                  xmldsig.ClassStructure,
	"invalid/x13-body-without-id-signed-moved.xml":             xmldsig.ClassStructure,
	"invalid/c04-digestvalue-comment.xml":                      xmldsig.ClassInput,
	"invalid/c08-second-reference-wrong-digest.xml":            xmldsig.ClassSignature,
	"invalid/w06-doctype-empty.xml":                            xmldsig.ClassInput,
	"invalid/w16-nul-char.xml":                                 xmldsig.ClassInput,
	"invalid/w20-html-200.xml":                                 xmldsig.ClassStructure,
	"policy/p03-timestamp-expired.xml":                         xmldsig.ClassFreshness,
	"policy/p09-unsigned-fault.xml":                            xmldsig.ClassStructure,
	"dos/d01-billion-laughs.xml":                               xmldsig.ClassInput,
	"dos/d03-deep-5000.xml":                                    xmldsig.ClassInput,
	"dos/d06-4000-ns-x-4000-elements.xml":                      xmldsig.ClassInput,
}

// TestSuite runs the open part of the WS-Security suite. Correlation (p01) is
// judged after the signature, by gateway/shep; here its signature must hold.
func TestSuite(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(vectors.Dir(t), "wss-suite")
	var manifest struct {
		Clock         time.Time `json:"clock"`
		TrustAnchor   string    `json:"trust_anchor"`
		Intermediates []string  `json:"intermediates"`
		CRL           []string  `json:"crl"`
		Signer        string    `json:"pinned_signer_subject"`
		Vectors       []struct {
			File   string `json:"file"`
			Expect string `json:"expect"`
			Why    string `json:"why"`
		} `json:"vectors"`
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	o := pki.Options{Revocation: pki.RevocationHard}
	o.Roots = load(t, filepath.Join(dir, manifest.TrustAnchor))
	for _, f := range manifest.Intermediates {
		o.Intermediates = append(o.Intermediates, load(t, filepath.Join(dir, f))...)
	}
	var lists []*crl.List
	for _, f := range manifest.CRL {
		l, err := crl.Load(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, l...)
	}
	o.Revoker = revocation.NewLists(append(o.Roots, o.Intermediates...), lists...)
	o.Known = load(t, filepath.Join(dir, "keys/shep.cert.pem"))
	store := pki.NewStore(o)
	policy := wsse.Policy{Clock: func() time.Time { return manifest.Clock }, Signer: manifest.Signer}
	for _, v := range manifest.Vectors {
		t.Run(v.File, func(t *testing.T) {
			t.Parallel()
			env, err := os.ReadFile(filepath.Join(dir, v.File))
			if err != nil {
				t.Fatal(err)
			}
			_, err = wsse.VerifyBody(context.Background(), env, store, policy)
			want, refused := classes[v.File]
			if !refused {
				if err != nil {
					t.Errorf("%s: %v", v.Why, err)
				}
				return
			}
			var e *xmldsig.Error
			if !errors.As(err, &e) || e.Class != want {
				t.Errorf("%s: want class %s, got %v", v.Why, want, err)
			}
		})
	}
}

func load(t *testing.T, path string) []*x509.Certificate {
	t.Helper()
	c, err := pki.LoadCertificates(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestKalkan verifies an envelope made by the national library, at the time
// its certificate was valid.
func TestKalkan(t *testing.T) {
	t.Parallel()
	env, err := os.ReadFile(filepath.Join(vectors.Dir(t), "wsse/kalkan-wsse-rsa-2018.xml"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := wsse.VerifyBody(context.Background(), env, embedded{}, wsse.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Body.First().Raw(); got != "<root><name>NCANode</name></root>" {
		t.Errorf("the Body reads %s", got)
	}
}

// embedded trusts the certificate a message carries: for judging signatures
// of strangers, never for use.
type embedded struct{}

func (embedded) Resolve(_ context.Context, h pki.Hint, _ time.Time) (*pki.Certificate, error) {
	if len(h.Certificates) != 1 {
		return nil, errors.New("no certificate in the message")
	}
	c, err := x509.ParseCertificate(h.Certificates[0])
	if err != nil {
		return nil, err
	}
	return &pki.Certificate{Certificate: c, Chain: []*x509.Certificate{c}}, nil
}
