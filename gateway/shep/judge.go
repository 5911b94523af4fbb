package shep

import (
	"strings"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Class is what an answer means.
type Class string

// The classes. The last five are failures; Kind gives their fault.
const (
	Success        Class = "success"         // processed; the payload counts
	NotFound       Class = "not_found"       // the registry answered: no such record
	Rejected       Class = "rejected"        // ШЭП refused the message
	Refused        Class = "refused"         // the registry refused: rights or purpose
	ConsentRefused Class = "consent_refused" // the consent token was not accepted
	Busy           Class = "busy"            // maintenance or overload, said by the registry
	Failed         Class = "failed"          // every other error
)

// Kind is the fault of a failure class; "" for the other two.
func (c Class) Kind() fault.Kind {
	switch c {
	case Success, NotFound:
		return ""
	case Rejected:
		return fault.ShepRefused
	case Refused:
		return fault.RegistryRefused
	case ConsentRefused:
		return fault.ConsentRefused
	case Busy:
		return fault.RegistryBusy
	}
	return fault.RegistryFault
}

// lists pairs the code lists with their classes.
func (c *Codes) lists() [6]struct {
	class Class
	codes []string
} {
	return [...]struct {
		class Class
		codes []string
	}{
		{Success, c.Success},
		{NotFound, c.NotFound},
		{Rejected, c.Rejected},
		{Refused, c.Refused},
		{ConsentRefused, c.ConsentRefused},
		{Busy, c.Busy},
	}
}

// class finds the class of a code; listed is false if no list has it. A code
// written out wins over a beginning.
func (c *Codes) class(code string) (class Class, listed bool) {
	class = Failed
	for _, l := range c.lists() {
		for _, rule := range l.codes {
			begin, open := strings.CutSuffix(rule, "*")
			switch {
			case !open && strings.EqualFold(rule, code):
				return l.class, true
			case open && len(code) >= len(begin) && strings.EqualFold(code[:len(begin)], begin):
				class, listed = l.class, true
			}
		}
	}
	return class, listed
}

// Judgement is the meaning of one answer.
type Judgement struct {
	Class Class
	// Code is the evidence for the journal: the envelope's code and, after a
	// "/", the payload's if there is one, each as by soap.Token.
	Code string
}

// Judge decides what an answer means, by the profile's lists for the envelope's
// status code and for the code inside the payload. payload is zero if the
// answer has none that may be read.
//
// A payload code that is there but not certain (see [PayloadCodes]) is "?" and
// makes a success or "not found" a failure. One that is absent leaves the meaning
// to the envelope.
func (p *Profile) Judge(s Status, payload xmltext.Node) Judgement {
	class, _ := p.Status.class(s.Code)
	j := Judgement{Class: class, Code: soap.Token(s.Code)}
	if p.Payload.Path == "" || payload.IsZero() {
		return j
	}
	code, certain := p.Payload.read(payload)
	if !certain {
		j.Code += "/?"
		if class.Kind() == "" {
			j.Class = Failed
		}
		return j
	}
	if code == "" {
		return j
	}
	j.Code += "/" + soap.Token(code)
	inner, listed := p.Payload.class(code)
	switch {
	case class == Success:
		j.Class = inner
	case listed && inner != Success: // the envelope reports a failure; the payload may say which
		j.Class = inner
	}
	return j
}

// read follows the path to the code; "" if it ends before. Where two elements
// could be meant, one of a foreign namespace could, or the code is no plain
// text, certain is false: the first reader in line would believe one of them,
// the next another.
func (c *PayloadCodes) read(root xmltext.Node) (code string, certain bool) {
	n := root
	for name := range strings.SplitSeq(c.Path, "/") {
		var found xmltext.Node
		for child := range n.Elements() {
			if child.Local() != name {
				continue
			}
			if space := child.Space(); !found.IsZero() || space != "" && space != root.Space() {
				return "", false
			}
			found = child
		}
		if found.IsZero() {
			return "", true
		}
		n = found
	}
	return strings.Trim(n.Text(), " \t\r\n"), n.First().IsZero()
}
