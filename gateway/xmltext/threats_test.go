package xmltext_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

func ruleOf(err error) xmltext.Rule {
	var e *xmltext.Error
	if errors.As(err, &e) {
		return e.Rule
	}
	return ""
}

// TestT8TextIsNotSplit: a comment or a processing instruction inside a value
// makes some readers see its first half only.
func TestT8TextIsNotSplit(t *testing.T) {
	t.Parallel()
	for name, inside := range map[string]string{"comment": "<!---->", "processing instruction": "<?x?>"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "<iin>904315" + inside + "300123</iin>"
			if _, err := xmltext.ParseString(text, xmltext.Limits{}); err == nil {
				t.Error("accepted by default")
			}
			if got := parse(t, text).Root().Text(); got != "904315300123" {
				t.Errorf("where it is allowed the value reads %q", got)
			}
		})
	}
}

// TestT9NoDocumentType: nothing of a document type is read, least of all
// entities, so there is nothing to expand and nothing to fetch.
func TestT9NoDocumentType(t *testing.T) {
	t.Parallel()
	laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol">`
	for i := range 10 {
		laughs += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i, strings.Repeat("&lol;", 10))
	}
	for name, text := range map[string]string{
		"external entity":     `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
		"external subset":     `<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>`,
		"parameter entity":    `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]><a/>`,
		"billion laughs":      laughs + `]><lolz>&lol9;</lolz>`,
		"quadratic blow-up":   `<!DOCTYPE a [<!ENTITY x "` + strings.Repeat("x", 100_000) + `">]><a>` + strings.Repeat("&x;", 100_000) + `</a>`,
		"ATTLIST makes an Id": `<!DOCTYPE a [<!ATTLIST a b ID #IMPLIED c CDATA "default">]><a b="x"/>`,
		"empty":               `<!DOCTYPE a><a/>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := xmltext.ParseString(text, all)
			if e := new(xmltext.Error); !errors.As(err, &e) || e.Rule != xmltext.RuleDoctype || e.Offset != 0 {
				t.Errorf("want %s at the first byte, got %v", xmltext.RuleDoctype, err)
			}
		})
	}
	if _, err := xmltext.ParseString(`<a>&lol9;</a>`, all); ruleOf(err) != xmltext.RuleEntity {
		t.Errorf("a use without a declaration: %v", err)
	}
}

// TestT10IllFormed: what one reader repairs and another does not would be two
// documents under one signature.
func TestT10IllFormed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"trailing bytes":                 "<a/>\x00",
		"second document":                "<a/><?xml version='1.0'?><a/>",
		"empty XML declaration":          "<?xml ?><a/>",
		"attribute twice":                `<a Id="1" Id="2"/>`,
		"attribute twice by namespace":   `<a xmlns:p="urn:a" xmlns:q="urn:a" p:Id="1" q:Id="2"/>`,
		"unbound prefix":                 `<p:a/>`,
		"prefix bound to nothing":        `<a xmlns:p=""/>`,
		"element in the xmlns namespace": `<xmlns:a xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>`,
		"tags crossed":                   `<a><b></a></b>`,
		"tag not closed":                 `<a><b></a>`,
		"attribute without quotes":       `<a b=c/>`,
		"attribute without a value":      `<a b/>`,
		"'<' in a value":                 `<a b="<"/>`,
		"end of CDATA in text":           `<a>]]></a>`,
		"ampersand":                      `<a>AT&T</a>`,
		"reference without a semicolon":  `<a>&#65</a>`,
		"reference to NUL":               `<a>&#0;</a>`,
		"reference to half a character":  `<a>&#xD83D;&#xDE00;</a>`,
		"control character":              "<a>\x01</a>",
		"comment with two hyphens":       `<a><!-- -- --></a>`,
		"colon twice":                    `<a:b:c xmlns:a="urn:a"/>`,
		"name starts with a digit":       `<1/>`,
		"white space in front of a name": `< a/>`,
		"HTML":                           `<html><br><p>No service</html>`,
		"empty":                          ``,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := xmltext.ParseString(text, all); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestT11Encodings: one encoding, so that there is one reading.
func TestT11Encodings(t *testing.T) {
	t.Parallel()
	const doc = `<?xml version="1.0" encoding="UTF-16"?><a>Сынақ</a>`
	wide := func(order func(uint16) [2]byte, mark string) string {
		b := []byte(mark)
		for _, u := range utf16.Encode([]rune(doc)) {
			two := order(u)
			b = append(b, two[:]...)
		}
		return string(b)
	}
	little := func(u uint16) [2]byte { return [2]byte{byte(u), byte(u >> 8)} }
	big := func(u uint16) [2]byte { return [2]byte{byte(u >> 8), byte(u)} }
	for name, text := range map[string]string{
		"UTF-16 little-endian":             wide(little, "\xff\xfe"),
		"UTF-16 big-endian":                wide(big, "\xfe\xff"),
		"UTF-16 without a mark":            wide(little, ""),
		"UTF-16 big-endian without a mark": wide(big, ""),
		"UTF-8 that says UTF-16":           doc,
		"UTF-8 that says windows-1251":     strings.Replace(doc, "UTF-16", "windows-1251", 1),
		"UTF-8 that says UTF-7":            strings.Replace(doc, "UTF-16", "UTF-7", 1),
		"windows-1251 bytes":               "<a>\xd1\xfb\xed\xe0\xea</a>",
		"UTF-7":                            `+ADw-a/+AD4-`,
		"overlong '<'":                     "\xc0\xbca/>",
		"CESU-8":                           "<a>\xed\xa0\xbd\xed\xb8\x80</a>",
		"UTF-32 mark":                      "\xff\xfe\x00\x00<\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := xmltext.ParseString(text, all); err == nil {
				t.Error("accepted")
			}
		})
	}
	good := "\ufeff" + strings.Replace(doc, "UTF-16", "UTF-8", 1)
	if got := parse(t, good).Root().Text(); got != "Сынақ" {
		t.Errorf("UTF-8 with a byte order mark reads %q", got)
	}
}

// floods are documents made to cost much, and the rule that stops each; "" for
// those that are within the limits and must be read within the budget.
func floods() map[string]struct {
	text string
	rule xmltext.Rule
} {
	type flood = struct {
		text string
		rule xmltext.Rule
	}
	const mib = 1 << 20
	rep := strings.Repeat
	names := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	return map[string]flood{
		"5,000 deep":                         {nested(5000, ""), xmltext.RuleDepth},
		"a million start tags":               {rep("<a>", mib), xmltext.RuleDepth},
		"a million elements":                 {"<a>" + rep("<b/>", mib-8) + "</a>", xmltext.RuleElements},
		"100,000 attributes":                 {"<a" + names(100_000, ` a%d=""`) + "/>", xmltext.RuleAttributes},
		"256 attributes everywhere":          {"<a>" + rep("<b"+names(256, ` a%d=""`)+"/>", 1500) + "</a>", xmltext.RuleAttributes},
		"20,001 declarations":                {"<a>" + names(20_001, `<b xmlns:p%d="urn:p"/>`) + "</a>", xmltext.RuleNamespaces},
		"4,000 declarations, 4,000 elements": {"<a" + names(4000, ` xmlns:p%d="urn:p"`) + ">" + rep("<b/>", 4000) + "</a>", xmltext.RuleAttributes},
		"20,000 names within the limits":     {"<a>" + names(20_000, `<b xmlns:p%d="urn:p%[1]d"/>`) + "</a>", ""},
		"200,000 comments":                   {"<a>" + rep("<!---->", 200_002) + "</a>", xmltext.RuleElements},
		"300,000 pieces of text":             {"<a>" + rep("x<b/>y<![CDATA[]]>", 100_001) + "</a>", xmltext.RuleElements},
		"elements and texts at the limit":    {"<a>" + rep("<b/>x", 99_999) + "</a>", ""},
		"four megabytes of '<'":              {rep("<", 4*mib), xmltext.RuleName},
		"four megabytes of '='":              {"<a " + rep("=", 4*mib-8), xmltext.RuleName},
		"four megabytes of '&'":              {"<a>" + rep("&", 4*mib-8), xmltext.RuleEntity},
		"four megabytes of references":       {"<a>" + rep("&lt;", mib-8) + "</a>", ""},
		"four megabytes of brackets":         {"<a>" + rep("]", 4*mib-8) + "</a>", ""},
		"one value of four megabytes":        {`<a b="` + rep("\t", 4*mib-16) + `"/>`, ""},
		"one name of four megabytes":         {"<" + rep("a", 4*mib-8) + "/>", ""},
		"one text of four megabytes":         {"<a>" + rep("\r", 4*mib-8) + "</a>", ""},
		"one byte over four megabytes":       {"<a>" + rep("x", 4*mib-6) + "</a>", xmltext.RuleBytes},
		"a comment without an end":           {"<a>" + rep("<!--", mib-8), xmltext.RuleComment},
		"CDATA without an end":               {"<a>" + rep("<![CDATA[", 400_000), xmltext.RuleCData},
		"16 MiB that are refused unread":     {rep("<a/>", 4*mib), xmltext.RuleBytes},
	}
}

// TestT12Floods: whatever comes in, the memory asked for in all stays under
// the budget. It does not run beside other tests, whose memory would count.
func TestT12Floods(t *testing.T) {
	const budget = 64 << 20
	for name, f := range floods() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, err := xmltext.ParseString(f.text, all)
			if err == nil {
				_ = d.Root().Text()
			}
			runtime.ReadMemStats(&after)
			if got := ruleOf(err); got != f.rule || (f.rule == "" && err != nil) {
				t.Errorf("want rule %q, got %v", f.rule, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > budget {
				t.Errorf("%d MiB of memory were asked for", used>>20)
			}
		})
	}
}
