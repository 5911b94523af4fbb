package shep

import (
	"strconv"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Particle is one element of an xs:sequence (XML Schema 1.0 part 1 section
// 3.9). Its element has no namespace, as all elements below the wrapper.
type Particle struct {
	Name     string
	Min, Max int // Max 0 means any number
}

// One is an element that must be there once, Maybe one that may be there once,
// and Any one that may be there any number of times.
func One(name string) Particle { return Particle{name, 1, 1} }

// Maybe is an element that may be there once.
func Maybe(name string) Particle { return Particle{name, 0, 1} }

// Any is an element that may be there any number of times.
func Any(name string) Particle { return Particle{name, 0, 0} }

// Sequence holds the children of n against an xs:sequence; a ds:Signature as the
// last child of a payload is none of them. It returns the
// children by name, of several the first, or a refusal that names the element
// at fault but never its content.
func Sequence(check Check, n xmltext.Node, want ...Particle) (map[string]xmltext.Node, *Refusal) {
	found := make(map[string]xmltext.Node, len(want))
	if !n.OnlyElements() {
		return nil, &Refusal{check, "elements only in " + n.Local(), "text between them"}
	}
	at, count := 0, 0
	for c := range n.Elements() {
		if check == CheckPayload && c.Is(xmldsig.Namespace, "Signature") && c.NextElement().IsZero() {
			break
		}
		for at < len(want) && (c.Space() != "" || c.Local() != want[at].Name || want[at].Max == 1 && count == 1) {
			if count < want[at].Min {
				return nil, &Refusal{check, want[at].Name + " in " + n.Local(), name(c)}
			}
			at, count = at+1, 0
		}
		if at == len(want) {
			return nil, &Refusal{check, "in " + n.Local() + " the sequence " + names(want), name(c) + " out of place"}
		}
		if count++; count == 1 {
			found[want[at].Name] = c
		}
	}
	for ; at < len(want); at, count = at+1, 0 {
		if count < want[at].Min {
			return nil, &Refusal{check, want[at].Name + " in " + n.Local(), "its end"}
		}
	}
	return found, nil
}

// name tells an element without repeating a name that a stranger made up at
// length.
func name(n xmltext.Node) string {
	local := n.Local()
	if len(local) > 40 {
		local = local[:40] + "…"
	}
	if n.Space() != "" {
		return "the qualified element " + strconv.Quote(local)
	}
	return "the element " + strconv.Quote(local)
}

func names(want []Particle) string {
	var all []string
	for _, p := range want {
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

// astana is the zone of a date that names none: the whole of Kazakhstan keeps
// UTC+5 since 1 March 2024.
func astana() *time.Location { return time.FixedZone("+05:00", 5*60*60) }

// DateTime reads an xsd:dateTime. A missing zone means that of Kazakhstan.
func DateTime(s string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, s, astana()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateTime is how the mock writes an xsd:dateTime: milliseconds and the offset
// of Kazakhstan.
const dateTime = "2006-01-02T15:04:05.000Z07:00"

// FormatTime writes a moment as the answers of the mock carry it.
func FormatTime(t time.Time) string { return t.In(astana()).Format(dateTime) }
