package c14n_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// sizes of the bodies that are measured, in bytes.
func sizes() []int { return []int{4 << 10, 8 << 10, 32 << 10} }

// BenchmarkCanonicalize canonicalizes exclusively and digests the Body of an
// answer. "tree" starts from the parsed document, "bytes" from its text;
// goxmldsig works on etree's tree and changes it, so each of its runs has a
// fresh one.
func BenchmarkCanonicalize(b *testing.B) {
	for _, size := range sizes() {
		text := xmltest.Answer(size)
		source := []byte(text)
		d := parse(b, text)
		body := find(b, d, "soap:Body")
		name := fmt.Sprintf("%dKB", size>>10)
		run := func(who string, f func(b *testing.B)) {
			b.Run(name+"/"+who, func(b *testing.B) {
				b.SetBytes(int64(body.End() - body.Start()))
				b.ReportAllocs()
				f(b)
			})
		}
		run("kopir/tree", func(b *testing.B) {
			h := sha256.New()
			for b.Loop() {
				h.Reset()
				if err := exclusive.Write(h, body, xmltext.Node{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		run("kopir/bytes", func(b *testing.B) {
			h := sha256.New()
			for b.Loop() {
				h.Reset()
				d, err := xmltext.Parse(source, xmltext.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if err := exclusive.Write(h, d.Root().First(), xmltext.Node{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		theirs := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
		tree := func(b *testing.B) *etree.Element {
			doc := etree.NewDocument()
			if err := doc.ReadFromBytes(source); err != nil {
				b.Fatal(err)
			}
			// It looks at no ancestors, so they are folded into the Body first.
			body := doc.Root().ChildElements()[0]
			scope, err := etreeutils.NSBuildParentContext(body)
			if err != nil {
				b.Fatal(err)
			}
			if body, err = etreeutils.NSDetatch(scope, body); err != nil {
				b.Fatal(err)
			}
			return body
		}
		digest := func(b *testing.B, body *etree.Element) {
			out, err := theirs.Canonicalize(body)
			if err != nil {
				b.Fatal(err)
			}
			_ = sha256.Sum256(out)
		}
		run("goxmldsig/tree", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				body := tree(b)
				b.StartTimer()
				digest(b, body)
			}
		})
		run("goxmldsig/bytes", func(b *testing.B) {
			for b.Loop() {
				digest(b, tree(b))
			}
		})
	}
}

// BenchmarkHostile canonicalizes what is made to cost the most within the
// limits of the reader: each must stay far below a second.
func BenchmarkHostile(b *testing.B) {
	declarations := func(format string) string {
		var s strings.Builder
		for i := range xmltext.DefaultNamespaces / 250 {
			s.WriteString("<e")
			for j := range 250 {
				fmt.Fprintf(&s, " xmlns:"+format+"='urn:x'", xmltext.DefaultNamespaces-i*250-j)
			}
			s.WriteString(">")
		}
		return s.String()
	}
	deep := declarations("p%05d") + "<x/>" + strings.Repeat("</e>", xmltext.DefaultNamespaces/250)
	wide := "<r>" + strings.ReplaceAll(declarations("p%05d"), ">", "/>") + strings.Repeat("<e a=''/>", 90_000) + "</r>"
	var attrs strings.Builder
	for i := range xmltext.DefaultAttributes {
		fmt.Fprintf(&attrs, " a%03d=''", xmltext.DefaultAttributes-i)
	}
	manyAttributes := "<r>" + strings.Repeat("<e"+attrs.String()+"/>", 780) + "</r>"
	list := strings.Fields(strings.Repeat("p00001 ", 100))
	for _, tt := range []struct {
		name, text, element string
		method              c14n.Method
	}{
		{"20,000 declarations at the apex", deep, "x", inclusive},
		{"prefix list against 90,000 elements", wide, "r", prefixes(list...)},
		{"200,000 attributes in reverse", manyAttributes, "r", exclusive},
		{"512 deep", strings.Repeat("<p:a xmlns:p='urn:x'>", 512) + strings.Repeat("</p:a>", 512), "p:a", exclusive},
	} {
		b.Run(tt.name, func(b *testing.B) {
			n := find(b, parse(b, tt.text), tt.element)
			h := sha256.New()
			b.ReportAllocs()
			for b.Loop() {
				if err := tt.method.Write(h, n, xmltext.Node{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
