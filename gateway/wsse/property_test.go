package wsse_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/beevik/etree"
	"pgregory.net/rapid"
)

// TestT1Rearranged [P] moves, copies, wraps, renames and re-labels the parts
// of signed messages at random: one that is accepted still shows the Body that
// was signed.
func TestT1Rearranged(t *testing.T) {
	t.Parallel()
	s := newSamples(t)
	var accepted, refused atomic.Int64
	t.Run("messages", func(t *testing.T) {
		for i, env := range s.signed {
			t.Run(string(idStyles[i/len(keyInfos)]+"/")+string(keyInfos[i%len(keyInfos)]), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) {
					changed := rearrange(t, env)
					v, err := s.verify(changed)
					if err != nil {
						refused.Add(1)
						return
					}
					accepted.Add(1)
					if err := s.check(v); err != nil {
						t.Fatalf("%v\n%s", err, changed)
					}
				})
			})
		}
	})
	// Both must happen, or the changes are too gentle or too rough to tell.
	if accepted.Load() == 0 || refused.Load() == 0 {
		t.Errorf("%d messages were accepted, %d refused", accepted.Load(), refused.Load())
	}
	t.Logf("%d messages were accepted, %d refused", accepted.Load(), refused.Load())
}

// parts are the elements an attacker would use.
var parts = []string{
	"Envelope", "Header", "Body", "Security", "Signature", "SignedInfo", "SignatureValue", "KeyInfo", "Reference", "Transforms",
	"SecurityTokenReference", "BinarySecurityToken", "SendMessage", "request", "requestData", "data", "q", "Wrapper", "Object",
}

// rearrange makes one to five changes to a message.
func rearrange(t *rapid.T, env []byte) []byte {
	d := etree.NewDocument()
	if err := d.ReadFromBytes(env); err != nil {
		t.Fatal(err)
	}
	a := attacker{t: t, root: d.Root(), id: strings.TrimPrefix(d.FindElement("//Reference[@URI]").SelectAttrValue("URI", ""), "#")}
	// The Body as it was signed is kept for later: moved away, it comes back.
	a.kept = d.FindElement("//Body").Copy()
	for range rapid.IntRange(1, 5).Draw(t, "changes") {
		rapid.SampledFrom([]func(){a.move, a.copy, a.wrap, a.rename, a.label, a.unlabel, a.falsify, a.falsify, a.restore, a.refer}).Draw(t, "change")()
	}
	out, err := d.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type attacker struct {
	t    *rapid.T
	root *etree.Element
	kept *etree.Element
	id   string
}

// pick chooses an element, mostly by name.
func (a *attacker) pick(label string) *etree.Element {
	all := append(a.root.FindElements("//*"), a.root)
	name := rapid.SampledFrom(parts).Draw(a.t, label+" name")
	var named []*etree.Element
	for _, e := range all {
		if e.Tag == name {
			named = append(named, e)
		}
	}
	if len(named) == 0 {
		named = all
	}
	return rapid.SampledFrom(named).Draw(a.t, label)
}

// put sets an element under another at any place, the end included.
func (a *attacker) put(e *etree.Element) {
	parent := a.pick("parent")
	for p := parent; p != nil; p = p.Parent() {
		if p == e {
			parent = a.root
			break
		}
	}
	if parent == e {
		return
	}
	parent.InsertChildAt(rapid.IntRange(0, len(parent.Child)).Draw(a.t, "place"), e)
}

func (a *attacker) move() {
	e := a.pick("moved")
	if e == a.root {
		return
	}
	e.Parent().RemoveChild(e)
	a.put(e)
}

func (a *attacker) copy() { a.put(a.pick("copied").Copy()) }

func (a *attacker) restore() { a.put(a.kept.Copy()) }

func (a *attacker) wrap() {
	e := a.pick("wrapped")
	if e == a.root {
		return
	}
	w := etree.NewElement(rapid.SampledFrom([]string{"Wrapper", "ds:Object", "soap:Body", "soap:Header", "wsse:Security", "ds:Signature", "ns:SendMessage"}).Draw(a.t, "wrapper"))
	p, at := e.Parent(), e.Index()
	p.RemoveChild(e)
	w.AddChild(e)
	p.InsertChildAt(at, w)
}

func (a *attacker) rename() {
	e := a.pick("renamed")
	e.Tag = rapid.SampledFrom(parts).Draw(a.t, "tag")
	e.Space = rapid.SampledFrom([]string{"", "soap", "ds", "wsse", "wsu", "ns"}).Draw(a.t, "prefix")
}

func (a *attacker) label() {
	name := rapid.SampledFrom([]string{"Id", "ID", "id", "wsu:Id", "wsse:Id", "xml:id", "ds:Id", "AssertionID"}).Draw(a.t, "attribute")
	a.pick("labelled").CreateAttr(name, rapid.SampledFrom([]string{a.id, "other"}).Draw(a.t, "value"))
}

func (a *attacker) unlabel() {
	e := a.pick("unlabelled")
	for _, name := range []string{"Id", "wsu:Id", "wsse:Id"} {
		e.RemoveAttr(name)
	}
}

// falsify writes what nobody signed.
func (a *attacker) falsify() {
	switch e := a.pick("falsified"); rapid.IntRange(0, 2).Draw(a.t, "how") {
	case 0:
		e.CreateElement("q").SetText("Сынақбекова")
	case 1:
		e.CreateAttr("status", "forged")
	default:
		if len(e.ChildElements()) == 0 {
			e.SetText("Сынақбекова")
		}
	}
}

func (a *attacker) refer() {
	if r := a.root.FindElement("//Reference[@URI]"); r != nil {
		r.CreateAttr("URI", rapid.SampledFrom([]string{"", "#other", "#" + a.id}).Draw(a.t, "URI"))
	}
}
