package inspect

import (
	"fmt"
	"strings"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// Explained is the verdict on a certificate, with every check of every link.
func Explained(x *pki.Explanation) *verdict.Verdict {
	leaf := x.Chain[0]
	v := verdict.Accept("certificate")
	if x.Err != nil {
		v = verdict.Refuse(pki.ClassTrust, x.Err)
	} else {
		v.Signer, v.Algorithm = pki.NameText(leaf.Subject), signature(leaf)
	}
	v.Chain = verdict.Chained(x.Chain)
	v.Steps = Checks(x)
	for _, k := range x.Checks {
		if x.Err != nil && k.Err == x.Err {
			v.Failed.Step = string(k.Name)
		}
	}
	return v
}

// Checks tells the checks of a chain.
func Checks(x *pki.Explanation) (out []verdict.Step) {
	for _, k := range x.Checks {
		s := verdict.Step{Step: string(k.Name), Link: &k.Link, OK: k.Err == nil, Text: found(k)}
		if k.Err != nil {
			s.Text = k.Err.Error()
		}
		out = append(out, s)
	}
	return out
}

// found is what a passed check saw.
func found(k pki.Check) string {
	c := k.Certificate
	switch k.Name {
	case pki.LinkKey:
		return OfKey(c.PublicKey).String()
	case pki.LinkUsage:
		return strings.Join(append(keyUsages(c), extendedUsages(c)...), ", ")
	case pki.LinkValidity:
		return fmt.Sprintf("%s to %s", verdict.Moment(c.NotBefore), verdict.Moment(c.NotAfter))
	case pki.LinkAuthority:
		if c.MaxPathLen > 0 || c.MaxPathLenZero {
			return fmt.Sprintf("%s, path length %d", strings.Join(keyUsages(c), ", "), c.MaxPathLen)
		}
		return strings.Join(keyUsages(c), ", ")
	case pki.LinkIssuer:
		return fmt.Sprintf("link %d signed it with %s", k.Link+1, signature(c))
	case pki.LinkAnchor:
		return "configured"
	case pki.LinkRevocation:
		return status(k.Status)
	}
	return ""
}

func status(s pki.Status) string {
	text := map[pki.State]string{pki.StateGood: "good", pki.StateUnknown: "not known"}[s.State]
	if s.Source != "" {
		text += ", by " + s.Source
	}
	if s.Late {
		text += ", late"
	}
	return text
}
