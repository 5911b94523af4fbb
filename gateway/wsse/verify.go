package wsse

import (
	"context"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// VerifyBody reads an envelope strictly and verifies its one signature, which
// must cover the Body. The error is an *xmldsig.Error; its cause is
// xmldsig.ErrNotSigned where there is no signature at all.
func VerifyBody(ctx context.Context, env []byte, keys xmldsig.KeyResolver, p Policy) (*Verified, error) {
	d, err := xmltext.Parse(env, p.Limits)
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	return VerifyDoc(ctx, d, keys, p)
}

// VerifyDoc is VerifyBody for an envelope that xmltext has read.
func VerifyDoc(ctx context.Context, d *xmltext.Doc, keys xmldsig.KeyResolver, p Policy) (*Verified, error) {
	m, err := readMessage(d)
	if err != nil {
		return nil, err
	}
	r := &result{Verified: Verified{Doc: d, Body: m.body}, message: m}
	r.policy = xmldsig.Policy{Suites: p.Suites, Clock: p.Clock, Signer: p.Signer, Report: p.Report}
	check := xmldsig.Check{Signature: m.signature, Frame: &r.message, Keys: keys, Policy: &r.policy}
	if err := check.VerifyInto(ctx, &r.signature); err != nil {
		return nil, err
	}
	if !r.message.bodyCovered {
		return nil, refuse("the signature does not cover the Body").In(xmldsig.StepCoverage).At(m.body)
	}
	p.passed(xmldsig.Step{Name: xmldsig.StepCoverage, Node: m.body})
	if err := m.fresh(r.policy.Now(), p.Skew); err != nil {
		return nil, err.In(xmldsig.StepFreshness).At(m.timestamp)
	}
	if !m.timestamp.IsZero() {
		p.passed(xmldsig.Step{Name: xmldsig.StepFreshness, Node: m.timestamp})
	}
	r.Signer, r.Suite, r.Covered = r.signature.Signer, r.signature.Suite, r.room[:0]
	for _, t := range r.signature.Targets {
		r.Covered = append(r.Covered, t.Name)
	}
	return &r.Verified, nil
}

func (p *Policy) passed(s xmldsig.Step) {
	if p.Report != nil {
		p.Report(s)
	}
}

// result is a Verified with all that was needed to come to it.
type result struct {
	Verified
	message   message
	signature xmldsig.Verified
	policy    xmldsig.Policy
	room      [4]string
}

// message is an envelope taken apart.
type message struct {
	header, body        xmltext.Node
	security, signature xmltext.Node
	timestamp           xmltext.Node
	bodyCovered         bool
}

func refuse(format string, args ...any) *xmldsig.Error {
	return xmldsig.Refuse(xmldsig.ClassStructure, format, args...).In(xmldsig.StepStructure)
}

// readMessage holds an envelope to the one accepted shape: Envelope with one
// Header and one Body, one Security for us in the Header, one Signature as its
// direct child, at most one Timestamp.
func readMessage(d *xmltext.Doc) (m message, err *xmldsig.Error) {
	root := d.Root()
	switch {
	case root.Is(namespaceSOAP12, "Envelope"):
		return m, refuse("the message is SOAP 1.2; the channel speaks SOAP 1.1")
	case !root.Is(namespaceSOAP11, "Envelope"):
		return m, refuse("the root is not a SOAP 1.1 Envelope")
	case !root.OnlyElements():
		return m, refuse("text beside the child elements of Envelope")
	}
	n := root.First()
	if n.Is(namespaceSOAP11, "Header") {
		m.header, n = n, n.NextElement()
	}
	if !n.Is(namespaceSOAP11, "Body") {
		return m, refuse("Envelope must hold one Header and one Body")
	}
	m.body = n
	if next := n.NextElement(); !next.IsZero() {
		return m, refuse("there is an element behind the Body").At(next)
	}
	if content := m.body.First(); !content.IsZero() && !content.NextElement().IsZero() {
		return m, refuse("the Body holds more than one element").At(m.body)
	}
	return m, m.readSecurity()
}

// notSigned says that there is no signature; an unsigned Fault is named as
// such, because it is the usual way for a gateway to refuse.
func (m *message) notSigned(what string) *xmldsig.Error {
	if m.body.First().Is(namespaceSOAP11, "Fault") {
		what = "an unsigned SOAP Fault: it is never data"
	}
	return &xmldsig.Error{Class: xmldsig.ClassStructure, Reason: what, Err: xmldsig.ErrNotSigned, Step: xmldsig.Step{Name: xmldsig.StepStructure}}
}

func (m *message) readSecurity() *xmldsig.Error {
	for h := m.header.First(); !h.IsZero(); h = h.NextElement() {
		if !h.Is(Namespace, "Security") || !forUs(h) {
			continue
		}
		if !m.security.IsZero() {
			return refuse("the Header has more than one Security for us").At(h)
		}
		m.security = h
	}
	if m.security.IsZero() {
		return m.notSigned("the Header has no Security for us")
	}
	for c := range m.security.Elements() {
		switch {
		case c.Is(xmldsig.Namespace, "Signature") && !m.signature.IsZero():
			return refuse("Security has more than one Signature").At(c)
		case c.Is(xmldsig.Namespace, "Signature"):
			m.signature = c
		case c.Is(NamespaceUtility, "Timestamp") && !m.timestamp.IsZero():
			return refuse("Security has more than one Timestamp").At(c)
		case c.Is(NamespaceUtility, "Timestamp"):
			m.timestamp = c
		case c.Is(namespaceSOAP11, "Body"):
			return refuse("there is a Body inside Security").At(c)
		}
	}
	if m.signature.IsZero() {
		return m.notSigned("Security has no Signature as its direct child")
	}
	return nil
}

// forUs tells whether a header block is addressed to us: no actor, or the next
// one (SOAP 1.1, section 4.2.2).
func forUs(h xmltext.Node) bool {
	actor, _ := h.Attr(namespaceSOAP11, "actor")
	actor = strings.TrimSpace(actor)
	return actor == "" || actor == actorNext
}

// Place says what a Reference may point to: the Body, a direct child of the
// Header, or a direct child of Security; never the Signature itself.
func (m *message) Place(target xmltext.Node, whole bool) (string, *xmldsig.Error) {
	switch {
	case whole:
		return "", refuse("a Reference must name an element by its Id")
	case target == m.body:
		m.bodyCovered = true
		return "Body", nil
	case target == m.security, target == m.signature:
		return "", refuse("a Reference points to %s, which contains the signature", target.Local())
	case target.Parent() == m.security, target.Parent() == m.header:
		return target.Local(), nil
	}
	return "", refuse("a Reference points to an element in an unexpected place")
}

// fresh checks the Timestamp, if there is one (WS-Security, section 10). It
// counts whether or not it is signed: unsigned it proves nothing, but a sender
// that says "expired" is believed.
func (m *message) fresh(now time.Time, skew time.Duration) *xmldsig.Error {
	if m.timestamp.IsZero() {
		return nil
	}
	if skew == 0 {
		skew = DefaultSkew
	}
	created, expires := m.timestamp.Child(NamespaceUtility, "Created"), m.timestamp.Child(NamespaceUtility, "Expires")
	stale := func(what string) *xmldsig.Error {
		return xmldsig.Refuse(xmldsig.ClassFreshness, "%s", what)
	}
	if created.IsZero() {
		return stale("Timestamp has no Created")
	}
	if twice(m.timestamp, "Created") || twice(m.timestamp, "Expires") {
		return stale("Timestamp names a moment twice")
	}
	from, err := parseTime(created.Text())
	if err != nil {
		return stale("Created of Timestamp is not a date and time")
	}
	if from.After(now.Add(skew)) {
		return stale("Timestamp was created in the future")
	}
	if expires.IsZero() {
		if from.Before(now.Add(-2 * skew)) {
			return stale("Timestamp was created too long ago and names no end")
		}
		return nil
	}
	to, err := parseTime(expires.Text())
	switch {
	case err != nil:
		return stale("Expires of Timestamp is not a date and time")
	case to.Before(from):
		return stale("Timestamp expires before it was created")
	case to.Before(now.Add(-skew)):
		return stale("Timestamp has expired")
	}
	return nil
}

// twice tells whether a Timestamp has a child more than once (WS-Security,
// section 10, forbids it).
func twice(timestamp xmltext.Node, local string) bool {
	count := 0
	for c := range timestamp.Elements() {
		if c.Is(NamespaceUtility, local) {
			count++
		}
	}
	return count > 1
}

// parseTime reads xsd:dateTime; without a zone it is UTC (WS-Security, section
// 10: times should be in UTC).
func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	return time.Parse("2006-01-02T15:04:05.999999999", s)
}
