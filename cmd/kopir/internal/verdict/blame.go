package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Refuse is the verdict that an error comes to. The class is that of the error;
// the given one is for errors that have none.
func Refuse(class pki.Class, err error) *Verdict {
	v := &Verdict{Verdict: Refused, Class: classOf(class, err), Covered: []string{}, Failed: place(err)}
	v.Reason = strings.TrimPrefix(err.Error(), string(v.Class)+": ")
	if v.Failed.Step == "" {
		v.Failed.Step = string(v.Class)
	}
	return v
}

// classOf finds the class of the outermost error that has one.
func classOf(class pki.Class, err error) pki.Class {
	var xml *xmldsig.Error
	var other interface{ Class() pki.Class }
	switch {
	case errors.As(err, &xml):
		return xml.Class
	case errors.As(err, &other):
		return other.Class()
	}
	return class
}

// place takes out of an error where it happened, from the whole to the part.
func place(err error) *Failed {
	var f Failed
	var steps []string
	for ; err != nil; err = errors.Unwrap(err) {
		switch e := err.(type) { //nolint:errorlint // each error on the way is looked at
		case *xmldsig.Error:
			steps = append(steps, string(e.Step.Name))
			f.Signature, f.Node = e.Step.Signature, Path(e.Step.Node)
			if e.Step.Name == xmldsig.StepDigest && e.Step.Suite != nil {
				f.Digest = e.Step.Suite.DigestURI
			}
			if e.Step.Signer != nil {
				f.Certificate = Of(e.Step.Signer.Certificate)
			}
		case *cms.Error:
			steps = append(steps, string(e.Step))
			if f.Signature == 0 {
				f.Signature = e.Signer
			}
		case *tsp.Error:
			steps = append(steps, string(e.Step))
		case *pkcs12.Error:
			steps = append(steps, string(e.Reason))
		case *pki.Error:
			if e.Certificate != nil {
				f.Certificate, f.Link = Of(e.Certificate), &e.Link
			}
		}
	}
	f.Step = strings.Join(slices.Compact(slices.DeleteFunc(steps, func(s string) bool { return s == "" })), "/")
	return &f
}

// maxPath is how many elements of a path are shown.
const maxPath = 12

// Path names an element by those around it, as they are written, with its place
// among siblings of the same name, and its Ids: "/s:Envelope/s:Body (Id "a")".
// "" is no element.
func Path(n xmltext.Node) string {
	if n.IsZero() {
		return ""
	}
	var parts []string
	for p := n; !p.IsZero(); p = p.Parent() {
		parts = append(parts, p.Name()+position(p))
	}
	slices.Reverse(parts)
	if len(parts) > maxPath {
		parts = slices.Concat(parts[:maxPath/2], []string{"…"}, parts[len(parts)-maxPath/2:])
	}
	path := "/" + strings.Join(parts, "/")
	for a := range n.Attrs() {
		if !a.Decl() && strings.EqualFold(a.Local(), "id") {
			path += fmt.Sprintf(" (%s %q)", a.Name(), a.Value())
		}
	}
	return path
}

// position is the place of an element among its siblings of the same name; ""
// where there are none.
func position(n xmltext.Node) string {
	if n.Parent().IsZero() {
		return ""
	}
	at, count := 0, 0
	for c := range n.Parent().Elements() {
		if c.Is(n.Space(), n.Local()) {
			count++
		}
		if c == n {
			at = count
		}
	}
	if count == 1 {
		return ""
	}
	return "[" + strconv.Itoa(at) + "]"
}
