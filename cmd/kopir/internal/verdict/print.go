package verdict

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Write writes the verdict as one JSON object, or as text.
func (v *Verdict) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(v)
	}
	v.print(w)
	return nil
}

func (v *Verdict) print(w io.Writer) {
	t := Table{w}
	fmt.Fprintln(w, v.Verdict)
	if v.Verdict == Refused {
		v.printRefusal(t)
	} else {
		t.Row("covered", strings.Join(v.Covered, ", "))
		t.Row("signer", v.Signer)
		t.Row("algorithm", v.Algorithm)
	}
	for _, s := range v.Signers {
		holds := "holds"
		if !s.Holds {
			holds = "does not hold"
		}
		t.Row(fmt.Sprintf("signature %d", s.Signature), join(holds, s.Signer, s.Algorithm))
	}
	for i, c := range v.Chain {
		t.Row(fmt.Sprintf("link %d", i), fmt.Sprintf("%s, serial %s", c.Subject, c.Serial))
	}
	for _, f := range v.Facts {
		t.Fact(f)
	}
	width := 0
	for _, s := range v.Steps {
		width = max(width, utf8.RuneCountInString(s.name()))
	}
	for _, s := range v.Steps {
		mark := "ok"
		if !s.OK {
			mark = "FAILED"
		}
		text := s.Text
		if text == v.Reason {
			text = "" // said already
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-6s  %-*s  %s", mark, width, Plain(s.name()), Plain(text)), " "))
	}
}

// name is the step with the number of its signature or link in front.
func (s Step) name() string {
	switch {
	case s.Signature > 0:
		return fmt.Sprintf("%d %s", s.Signature, s.Step)
	case s.Link != nil:
		return fmt.Sprintf("%d %s", *s.Link, s.Step)
	}
	return s.Step
}

func (v *Verdict) printRefusal(t Table) {
	f := v.Failed
	if f == nil {
		f = &Failed{}
	}
	step := string(v.Class)
	if f.Step != "" && f.Step != step {
		step += ": " + f.Step
	}
	t.Row("step", step)
	t.Row("reason", v.Reason)
	if f.Signature > 0 {
		t.Row("signature", fmt.Sprint(f.Signature))
	}
	t.Row("node", f.Node)
	t.Row("digest", f.Digest)
	if c := f.Certificate; c != nil {
		t.Row("certificate", c.Subject)
		t.Row("issuer", c.Issuer)
		t.Row("serial", c.Serial)
	}
	if f.Link != nil {
		t.Row("link", fmt.Sprint(*f.Link))
	}
}

// Moment is a time as it is shown; "" if there is none.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// join puts what is not empty side by side.
func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// Table prints rows of a name and a value, aligned.
type Table struct{ W io.Writer }

// labelWidth is as wide as the longest label.
const labelWidth = 13

// Row prints one, unless the value is empty.
func (t Table) Row(name, value string) {
	if value != "" {
		fmt.Fprintf(t.W, "  %-*s  %s\n", labelWidth, Plain(name), Plain(value))
	}
}

// Fact prints one; the values of a list stand below each other.
func (t Table) Fact(f Fact) {
	name := strings.ReplaceAll(f.Name, "_", " ")
	list, ok := f.Value.([]string)
	if !ok {
		t.Row(name, fmt.Sprint(f.Value))
		return
	}
	for _, s := range list {
		t.Row(name, s)
		name = ""
	}
}

// Plain shows every character that could move a cursor, hide or turn text round
// by its number: what is printed may come from a stranger.
func Plain(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if odd(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
