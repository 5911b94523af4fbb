package xmltext_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// mark stands in front of the byte at which a sample is refused; a sample
// without it is accepted.
const mark = "¦"

type sample struct {
	name   string
	text   string
	limits xmltext.Limits
}

// all lets comments and processing instructions in.
var all = xmltext.Limits{Comments: true, PIs: true}

// samples holds, for every rule, what just keeps it and what breaks it.
var samples = map[xmltext.Rule][]sample{
	xmltext.RuleBytes: {
		{"as long as allowed", `<abcdefg/>`, xmltext.Limits{Bytes: 10}},
		{"one byte longer", `<abcdefgh/¦>`, xmltext.Limits{Bytes: 10}},
		{"length counts bytes, not characters", `<аб/>`, xmltext.Limits{Bytes: 7}},
	},
	xmltext.RuleEncoding: {
		{"not declared", `<a>Сынақов</a>`, xmltext.Limits{}},
		{"declared", `<?xml version="1.0" encoding="UTF-8"?><a>Сынақов</a>`, xmltext.Limits{}},
		{"declared in lower case", `<?xml version='1.0' encoding='utf-8'?><a/>`, xmltext.Limits{}},
		{"byte order mark", "\ufeff<a/>", xmltext.Limits{}},
		{"byte order mark and declaration", "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>", xmltext.Limits{}},
		{"stray byte", "<a>¦\xff</a>", xmltext.Limits{}},
		{"stray byte behind a byte order mark", "\ufeff<a>¦\xff</a>", xmltext.Limits{}},
		{"overlong form of '/'", "<a>¦\xc0\xaf</a>", xmltext.Limits{}},
		{"half of a character", "<a>¦\xd0</a>", xmltext.Limits{}},
		{"half of a character at the end", "<a>б</a>¦\xd0", xmltext.Limits{}},
		{"surrogate", "<a>¦\xed\xa0\x80</a>", xmltext.Limits{}},
		{"beyond Unicode", "<a>¦\xf4\x90\x80\x80</a>", xmltext.Limits{}},
		{"declared as windows-1251", `¦<?xml version="1.0" encoding="windows-1251"?><a/>`, xmltext.Limits{}},
		{"declared as ISO-8859-1", `¦<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, xmltext.Limits{}},
		{"declared as UTF8", `¦<?xml version="1.0" encoding="UTF8"?><a/>`, xmltext.Limits{}},
		{"declared as nothing", `¦<?xml version="1.0" encoding=""?><a/>`, xmltext.Limits{}},
		{"declared wrongly behind a byte order mark", "\ufeff¦<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", xmltext.Limits{}},
	},
	xmltext.RuleDeclaration: {
		{"version alone", `<?xml version="1.0"?><a/>`, xmltext.Limits{}},
		{"all parts and white space", "<?xml version = '1.0'\tencoding\n=\r\"UTF-8\" standalone='yes' ?>\n<a/>", xmltext.Limits{}},
		{"standalone no", `<?xml version="1.0" standalone="no"?><a/>`, xmltext.Limits{}},
		{"version 1.1", `¦<?xml version="1.1"?><a/>`, xmltext.Limits{}},
		{"empty", `¦<?xml ?><a/>`, xmltext.Limits{}},
		{"without a version", `¦<?xml encoding="UTF-8"?><a/>`, xmltext.Limits{}},
		{"standalone alone", `¦<?xml standalone="yes"?><a/>`, xmltext.Limits{}},
		{"order", `¦<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>`, xmltext.Limits{}},
		{"standalone maybe", `¦<?xml version="1.0" standalone="maybe"?><a/>`, xmltext.Limits{}},
		{"no white space", `¦<?xml version="1.0"encoding="UTF-8"?><a/>`, xmltext.Limits{}},
		{"not quoted", `¦<?xml version=1.0?><a/>`, xmltext.Limits{}},
		{"quote not closed", `¦<?xml version="1.0?><a/>`, xmltext.Limits{}},
		{"twice", `¦<?xml version="1.0" version="1.0"?><a/>`, xmltext.Limits{}},
		{"unknown part", `¦<?xml version="1.0" author="x"?><a/>`, xmltext.Limits{}},
		{"longer name", `¦<?xml versions="1.0"?><a/>`, xmltext.Limits{}},
		{"no end", `¦<?xml version="1.0"`, xmltext.Limits{}},
	},
	xmltext.RuleChar: {
		{"lowest allowed", "<a b='\t\n\r'>\t\n\r </a>", xmltext.Limits{}},
		{"DEL, C1 controls, line separator", "<a>\x7f\u0080\u0085\u2028</a>", xmltext.Limits{}},
		{"highest allowed", "<a>\ufffd\U0001fffe\U0010ffff</a>", xmltext.Limits{}},
		{"NUL in text", "<a>¦\x00</a>", xmltext.Limits{}},
		{"ESC in text", "<a>x¦\x1b[31m</a>", xmltext.Limits{}},
		{"control in a value", "<a b='¦\x1f'/>", xmltext.Limits{}},
		{"control in a comment", "<a><!--¦\x08--></a>", all},
		{"control in CDATA", "<a><![CDATA[¦\x0b]]></a>", xmltext.Limits{}},
		{"control in a processing instruction", "<a><?p ¦\x0c?></a>", all},
		{"U+FFFE", "<a>¦\ufffe</a>", xmltext.Limits{}},
		{"U+FFFF in a value", "<a b='¦\uffff'/>", xmltext.Limits{}},
	},
	xmltext.RuleDoctype: {
		{"as text", `<a>&lt;!DOCTYPE a></a>`, xmltext.Limits{}},
		{"in CDATA", `<a><![CDATA[<!DOCTYPE a>]]></a>`, xmltext.Limits{}},
		{"in front", `¦<!DOCTYPE a><a/>`, xmltext.Limits{}},
		{"behind the declaration", `<?xml version="1.0"?>¦<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, xmltext.Limits{}},
		{"with comments allowed", `<!-- -->¦<!DOCTYPE a><a/>`, all},
		{"inside the root", `<a>¦<!DOCTYPE a></a>`, xmltext.Limits{}},
		{"behind the root", `<a/>¦<!DOCTYPE a>`, xmltext.Limits{}},
		{"in lower case", `¦<!doctype a><a/>`, xmltext.Limits{}},
		{"entity declaration alone", `<a>¦<!ENTITY x "y"></a>`, xmltext.Limits{}},
		{"conditional section", `<a>¦<![INCLUDE[x]]></a>`, xmltext.Limits{}},
		{"CDATA in lower case", `<a>¦<![cdata[x]]></a>`, xmltext.Limits{}},
	},
	xmltext.RuleComment: {
		{"everywhere", "<!-- 1 --><a><!----><b/><!-- - \r\n --></a><!-- 2 -->", all},
		{"not allowed", `<a>x¦<!-- c --></a>`, xmltext.Limits{PIs: true}},
		{"not allowed in front", `¦<!-- c --><a/>`, xmltext.Limits{}},
		{"two hyphens inside", `<a>¦<!-- a -- b --></a>`, all},
		{"hyphen before the end", `<a>¦<!-- a ---></a>`, all},
		{"too short", `<a>¦<!--></a>`, all},
		{"no end", `<a>¦<!-- a </a>`, all},
	},
	xmltext.RulePI: {
		{"everywhere", "<?a?><a><?b c?><?b  c \r\n?><?xmlx?></a><?d?>", all},
		{"not allowed", `<a>x¦<?p?></a>`, xmltext.Limits{Comments: true}},
		{"declaration behind white space", ` ¦<?xml version="1.0"?><a/>`, xmltext.Limits{}},
		{"declaration without white space", `¦<?xml?><a/>`, xmltext.Limits{}},
		{"declaration inside", `<a>¦<?xml version="1.0"?></a>`, all},
		{"target in capitals", `<a>¦<?XML x?></a>`, all},
		{"target with a colon", `<a>¦<?a:b x?></a>`, all},
		{"no white space behind the target", `<a>¦<?p+?></a>`, all},
		{"no end", `<a>¦<?p x</a>`, all},
	},
	xmltext.RuleRoot: {
		{"white space around", " \t\r\n<a/>\n\n", xmltext.Limits{}},
		{"two roots", `<a/>¦<b/>`, xmltext.Limits{}},
		{"text in front", `¦x<a/>`, xmltext.Limits{}},
		{"text behind", "<a/>\n¦x", xmltext.Limits{}},
		{"NUL behind", "<a/>¦\x00", xmltext.Limits{}},
		{"reference to white space behind", `<a/>¦&#32;`, xmltext.Limits{}},
		{"CDATA behind", `<a/>¦<![CDATA[]]>`, xmltext.Limits{}},
		{"CDATA in front", `¦<![CDATA[]]><a/>`, xmltext.Limits{}},
		{"second byte order mark", "\ufeff¦\ufeff<a/>", xmltext.Limits{}},
		{"nothing", `¦`, xmltext.Limits{}},
		{"white space alone", " \n¦", xmltext.Limits{}},
		{"comment alone", `<!-- a -->¦`, all},
		{"declaration alone", `<?xml version="1.0"?>¦`, xmltext.Limits{}},
	},
	xmltext.RuleTag: {
		{"white space inside tags", "<a\n><b\t/></a\r\n >", xmltext.Limits{}},
		{"not closed", `<a>¦`, xmltext.Limits{}},
		{"not closed behind text", `<a>x¦`, xmltext.Limits{}},
		{"inner not closed", `<a><b>¦</a>`, xmltext.Limits{}},
		{"end tag alone", `¦</a>`, xmltext.Limits{}},
		{"end tag behind the root", `<a/>¦</a>`, xmltext.Limits{}},
		{"crossed", `<a><b>¦</a></b>`, xmltext.Limits{}},
		{"other case", `<a>¦</A>`, xmltext.Limits{}},
		{"end tag longer", `<a>¦</ab>`, xmltext.Limits{}},
		{"end tag shorter", `<ab>¦</a>`, xmltext.Limits{}},
		{"same namespace, other prefix", `<p:a xmlns:p="urn:a" xmlns:q="urn:a">¦</q:a>`, xmltext.Limits{}},
		{"attribute in an end tag", `<a>¦</a b="">`, xmltext.Limits{}},
		{"white space in front of an end tag's name", `<a>¦</ a>`, xmltext.Limits{}},
		{"end tag cut off", `<a>¦</a`, xmltext.Limits{}},
		{"start tag cut off", `<a¦`, xmltext.Limits{}},
		{"start tag cut off behind an attribute", `<a b="" ¦`, xmltext.Limits{}},
		{"attributes without white space", `<a b=""¦c=""/>`, xmltext.Limits{}},
		{"slash alone", `<a¦/ >`, xmltext.Limits{}},
		{"character that ends no name", `<a¦×/>`, xmltext.Limits{}},
	},
	xmltext.RuleName: {
		{"letters", `<деректер/>`, xmltext.Limits{}},
		{"punctuation", `<_x-y.z1 a·b=""/>`, xmltext.Limits{}},
		{"prefix beyond ASCII", `<ұ:ә xmlns:ұ="urn:a"/>`, xmltext.Limits{}},
		{"beyond the basic plane", "<\U00010000\U000EFFFF/>", xmltext.Limits{}},
		{"digit first", `<¦1a/>`, xmltext.Limits{}},
		{"middle dot first", `<¦·a/>`, xmltext.Limits{}},
		{"combining mark first", "<¦\u0301a/>", xmltext.Limits{}},
		{"white space first", `<¦ a/>`, xmltext.Limits{}},
		{"nothing", `<¦>`, xmltext.Limits{}},
		{"document ends", `<¦`, xmltext.Limits{}},
		{"NUL", "<¦\x00", xmltext.Limits{}},
		{"empty prefix", `<¦:a/>`, xmltext.Limits{}},
		{"empty local name", `<a:¦/>`, xmltext.Limits{}},
		{"empty prefix declared", `<a xmlns:¦="urn:a"/>`, xmltext.Limits{}},
		{"two colons", `<a:b¦:c/>`, xmltext.Limits{}},
		{"local name starts with a digit", `<a b:¦1=""/>`, xmltext.Limits{}},
		{"attribute", `<a ¦-b=""/>`, xmltext.Limits{}},
		{"attribute's value alone", `<a ¦="x"/>`, xmltext.Limits{}},
		{"target", `<a><?¦ p?></a>`, all},
		{"U+F0000 is no name character", "<¦\U000F0000/>", xmltext.Limits{}},
	},
	xmltext.RuleAttribute: {
		{"both quotes", `<a b="'" c='"' d = "3"/>`, xmltext.Limits{}},
		{"'>' in a value", `<a b=">"/>`, xmltext.Limits{}},
		{"no value", `<a b¦/>`, xmltext.Limits{}},
		{"no value at the end", `<a b¦`, xmltext.Limits{}},
		{"no value behind the sign", `<a b=¦`, xmltext.Limits{}},
		{"not quoted", `<a b=¦1/>`, xmltext.Limits{}},
		{"typographic quotes", `<a b=¦“1”/>`, xmltext.Limits{}},
		{"'<' in a value", `<a b="¦<"/>`, xmltext.Limits{}},
		{"value without an end", `<a b="1/>¦`, xmltext.Limits{}},
		{"closed by the other quote", `<a b="1'/>¦`, xmltext.Limits{}},
	},
	xmltext.RuleDuplicate: {
		{"prefixed and not", `<a b="" xmlns:p="urn:p" p:b=""/>`, xmltext.Limits{}},
		{"two namespaces", `<a xmlns:p="urn:p" xmlns:q="urn:q" p:b="" q:b=""/>`, xmltext.Limits{}},
		{"default namespace is not an attribute's", `<a xmlns="urn:p" xmlns:p="urn:p" b="" p:b=""/>`, xmltext.Limits{}},
		{"more than fits a linear search", "<a" + attributes(30, "") + "/>", xmltext.Limits{}},
		{"same name", `<a b="" ¦b=""/>`, xmltext.Limits{}},
		{"two prefixes of one namespace", `<a xmlns:p="urn:p" xmlns:q="urn:p" p:b="" ¦q:b=""/>`, xmltext.Limits{}},
		{"prefix declared above and here", `<x xmlns:p="urn:p"><a xmlns:q="urn:p" p:b="" ¦q:b=""/></x>`, xmltext.Limits{}},
		{"default namespace twice", `<a xmlns="urn:p" ¦xmlns="urn:p"/>`, xmltext.Limits{}},
		{"prefix declared twice", `<a xmlns:p="urn:p" ¦xmlns:p="urn:q"/>`, xmltext.Limits{}},
		{"xml:id twice", `<a xml:id="x" ¦xml:id="y"/>`, xmltext.Limits{}},
		{"the last of many", "<a" + attributes(30, "") + ` ¦a7=""/>`, xmltext.Limits{}},
		{"the last of many, by namespace", `<a xmlns:p="urn:p" xmlns:q="urn:p"` + attributes(30, "p:") + ` ¦q:a7=""/>`, xmltext.Limits{}},
	},
	xmltext.RuleEntity: {
		{"the five", `<a b="&lt;&gt;&amp;&apos;&quot;">&lt;&gt;&amp;&apos;&quot;</a>`, xmltext.Limits{}},
		{"characters", `<a>&#9;&#x9;&#10;&#13;&#x20;&#1241;&#xD7FF;&#xe000;&#xFFFD;&#x10FFFF;&#0000065;</a>`, xmltext.Limits{}},
		{"in CDATA it is text", `<a><![CDATA[&nbsp;&]]></a>`, xmltext.Limits{}},
		{"HTML's", `<a>x¦&nbsp;</a>`, xmltext.Limits{}},
		{"in a value", `<a b="¦&x;"/>`, xmltext.Limits{}},
		{"in a declaration", `<a xmlns="urn:¦&x;"/>`, xmltext.Limits{}},
		{"ampersand alone", `<a>¦& b</a>`, xmltext.Limits{}},
		{"at the end", `<a>¦&`, xmltext.Limits{}},
		{"no semicolon", `<a>¦&lt</a>`, xmltext.Limits{}},
		{"other case", `<a>¦&LT;</a>`, xmltext.Limits{}},
		{"no digits", `<a>¦&#;</a>`, xmltext.Limits{}},
		{"no hexadecimal digits", `<a>¦&#x;</a>`, xmltext.Limits{}},
		{"capital X", `<a>¦&#X41;</a>`, xmltext.Limits{}},
		{"sign", `<a>¦&#-65;</a>`, xmltext.Limits{}},
		{"hexadecimal digit in a decimal number", `<a>¦&#6A;</a>`, xmltext.Limits{}},
		{"NUL", `<a>¦&#0;</a>`, xmltext.Limits{}},
		{"control", `<a>¦&#x1F;</a>`, xmltext.Limits{}},
		{"surrogate", `<a>¦&#xD800;</a>`, xmltext.Limits{}},
		{"U+FFFE", `<a>¦&#xFFFE;</a>`, xmltext.Limits{}},
		{"beyond Unicode", `<a>¦&#x110000;</a>`, xmltext.Limits{}},
		{"more than 32 bits", `<a>¦&#4294967361;</a>`, xmltext.Limits{}},
		{"more than 64 bits", `<a>¦&#x10000000000000041;</a>`, xmltext.Limits{}},
		{"parameter entity", `<a>¦&%x;</a>`, xmltext.Limits{}},
	},
	xmltext.RuleCData: {
		{"what text may not hold", `<a><![CDATA[<b>&amp;]] >]]]]><![CDATA[>]]></a>`, xmltext.Limits{}},
		{"brackets in text", `<a>]] ]]&gt; ]&#93;> ></a>`, xmltext.Limits{}},
		{"brackets in a value", `<a b="]]>"/>`, xmltext.Limits{}},
		{"end in text", `<a>x]]¦></a>`, xmltext.Limits{}},
		{"end in text, more brackets", `<a>]]]]¦></a>`, xmltext.Limits{}},
		{"no end", `<a>¦<![CDATA[x]]</a>`, xmltext.Limits{}},
	},
	xmltext.RulePrefix: {
		{"declared on the element itself", `<p:a p:b="" xmlns:p="urn:p"/>`, xmltext.Limits{}},
		{"declared above", `<a xmlns:p="urn:p"><p:b/></a>`, xmltext.Limits{}},
		{"xml needs no declaration", `<a xml:lang="kk"/>`, xmltext.Limits{}},
		{"xml declared as it is", `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="kk"/>`, xmltext.Limits{}},
		{"default namespace undone", `<a xmlns="urn:a"><b xmlns=""/></a>`, xmltext.Limits{}},
		{"element", `<¦p:a/>`, xmltext.Limits{}},
		{"attribute", `<a ¦p:b=""/>`, xmltext.Limits{}},
		{"declared beside, not above", `<a><b xmlns:p="urn:p"/><¦p:c/></a>`, xmltext.Limits{}},
		{"declared inside an empty tag, used behind", `<x><p:a xmlns:p="urn:p"/><b ¦p:c=""/></x>`, xmltext.Limits{}},
		{"xmlns as an element's", `<¦xmlns:a/>`, xmltext.Limits{}},
		{"xmlns declared", `<a ¦xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>`, xmltext.Limits{}},
		{"bound to the namespace of xmlns", `<a ¦xmlns:p="http://www.w3.org/2000/xmlns/"/>`, xmltext.Limits{}},
		{"default bound to the namespace of xmlns", `<a ¦xmlns="http://www.w3.org/2000/xmlns/"/>`, xmltext.Limits{}},
		{"xml bound otherwise", `<a ¦xmlns:xml="urn:a"/>`, xmltext.Limits{}},
		{"other prefix bound to the namespace of xml", `<a ¦xmlns:p="http://www.w3.org/XML/1998/namespace"/>`, xmltext.Limits{}},
		{"default bound to the namespace of xml", `<a ¦xmlns="http://www.w3.org/XML/1998/namespace"/>`, xmltext.Limits{}},
		{"by a reference", `<a ¦xmlns:p="http://www.w3.org/XML/1998/namespac&#101;"/>`, xmltext.Limits{}},
		{"prefix undone", `<a xmlns:p="urn:p"><b ¦xmlns:p=""/></a>`, xmltext.Limits{}},
	},
	xmltext.RuleDepth: {
		{"as deep as allowed", `<a><b><c/></b></a>`, xmltext.Limits{Depth: 3}},
		{"as deep as allowed, open tag", `<a><b><c></c></b></a>`, xmltext.Limits{Depth: 3}},
		{"deep again and again", `<a><b><c/><c/></b><b><c/></b></a>`, xmltext.Limits{Depth: 3}},
		{"one deeper, empty tag", `<a><b><c>¦<d/></c></b></a>`, xmltext.Limits{Depth: 3}},
		{"one deeper, open tag", `<a><b><c>¦<d></d></c></b></a>`, xmltext.Limits{Depth: 3}},
		{"as deep as the default", nested(xmltext.DefaultDepth, ""), xmltext.Limits{}},
		{"one deeper than the default", nested(xmltext.DefaultDepth, "¦<b/>"), xmltext.Limits{}},
	},
	xmltext.RuleElements: {
		{"as many as allowed", `<a><b/><c/></a>`, xmltext.Limits{Elements: 3}},
		{"one more", `<a><b/><c/>¦<d/></a>`, xmltext.Limits{Elements: 3}},
		{"as many as the default", "<a>" + strings.Repeat("<b/>", xmltext.DefaultElements-1) + "</a>", xmltext.Limits{}},
		{"one more than the default", "<a>" + strings.Repeat("<b/>", xmltext.DefaultElements-1) + "¦<b/></a>", xmltext.Limits{}},
		{"other nodes, as many as allowed", `<a><!----><?p?>x<![CDATA[]]>y</a>`, xmltext.Limits{Elements: 2, Comments: true, PIs: true}},
		{"other nodes, one more", `<a><!----><?p?>x<![CDATA[]]>y¦<!----></a>`, xmltext.Limits{Elements: 2, Comments: true, PIs: true}},
	},
	xmltext.RuleAttributes: {
		{"as many as allowed", `<a b="" c="" d=""/>`, xmltext.Limits{Attributes: 3}},
		{"one more", `<a b="" c="" d="" ¦e=""/>`, xmltext.Limits{Attributes: 3}},
		{"declarations count", `<a b="" xmlns="urn:a" d="" ¦xmlns:e="urn:e"/>`, xmltext.Limits{Attributes: 3}},
		{"each element has its own", `<a b="" c=""><d e="" f=""/></a>`, xmltext.Limits{Attributes: 2}},
		{"as many as the default", "<a" + attributes(xmltext.DefaultAttributes, "") + "/>", xmltext.Limits{}},
		{"one more than the default", "<a" + attributes(xmltext.DefaultAttributes, "") + ` ¦b=""/>`, xmltext.Limits{}},
		{"in all, as many as allowed", `<a b="" c=""><d e="" f=""/></a>`, xmltext.Limits{Elements: 2}},
		{"in all, one more", `<a b="" c=""><d e="" f="" ¦g=""/></a>`, xmltext.Limits{Elements: 2}},
	},
	xmltext.RuleNamespaces: {
		{"as many as allowed", `<a xmlns="urn:a"><b xmlns:c="urn:c"/></a>`, xmltext.Limits{Namespaces: 2}},
		{"one more", `<a xmlns="urn:a"><b xmlns:c="urn:c" ¦xmlns:d="urn:d"/></a>`, xmltext.Limits{Namespaces: 2}},
		{"the same again counts", `<a xmlns="urn:a"><b xmlns="urn:a"/><b ¦xmlns="urn:a"/></a>`, xmltext.Limits{Namespaces: 2}},
		{"as many as the default", "<a>" + strings.Repeat(`<b xmlns="urn:b"/>`, xmltext.DefaultNamespaces) + "</a>", xmltext.Limits{}},
		{"one more than the default", "<a>" + strings.Repeat(`<b xmlns="urn:b"/>`, xmltext.DefaultNamespaces) + `<b ¦xmlns="urn:b"/></a>`, xmltext.Limits{}},
	},
}

// attributes writes n attributes with different names.
func attributes(n int, prefix string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` %sa%d=""`, prefix, i)
	}
	return b.String()
}

// nested writes elements n deep around inner.
func nested(n int, inner string) string {
	return strings.Repeat("<a>", n) + inner + strings.Repeat("</a>", n)
}

func TestRules(t *testing.T) {
	t.Parallel()
	for rule, list := range samples {
		for _, s := range list {
			t.Run(string(rule)+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				text := strings.Replace(s.text, mark, "", 1)
				at := strings.Index(s.text, mark)
				_, err := xmltext.ParseString(text, s.limits)
				_, errBytes := xmltext.Parse([]byte(text), s.limits)
				if fmt.Sprint(err) != fmt.Sprint(errBytes) {
					t.Errorf("Parse says %v, ParseString %v", errBytes, err)
				}
				if at < 0 {
					if err != nil {
						t.Errorf("refused: %v", err)
					}
					return
				}
				var e *xmltext.Error
				if !errors.As(err, &e) || e.Rule != rule || e.Offset != at {
					t.Errorf("want rule %s at byte %d, got %v", rule, at, err)
				}
			})
		}
	}
}

// TestEveryRuleHasSamples reads the rules out of the source, so that a new one
// cannot come without a sample that keeps it and one that breaks it.
func TestEveryRuleHasSamples(t *testing.T) {
	t.Parallel()
	f, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Rule") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		good, bad := 0, 0
		for _, s := range samples[xmltext.Rule(value)] {
			if strings.Contains(s.text, mark) {
				bad++
			} else {
				good++
			}
		}
		if good == 0 || bad == 0 {
			t.Errorf("rule %s has %d samples that keep it and %d that break it", value, good, bad)
		}
		return true
	})
	if found != len(samples) {
		t.Errorf("%d rules in the source, %d in the samples", found, len(samples))
	}
}

// TestErrorsDoNotQuote: what is refused may hold personal data, the error must
// not.
func TestErrorsDoNotQuote(t *testing.T) {
	t.Parallel()
	const secret = "Сынақбеков"
	for name, text := range map[string]string{
		"prefix":    "<" + secret + ":a/>",
		"name":      "<1" + secret + "/>",
		"attribute": "<a " + secret + "/>",
		"entity":    "<a>&" + secret + ";</a>",
		"tag":       "<" + secret + "></b>",
		"duplicate": "<a " + secret + "='' " + secret + "=''/>",
		"root":      "<a/>" + secret,
		"encoding":  `<?xml version="1.0" encoding="` + secret + `"?><a/>`,
		"comment":   "<a><!--" + secret + "--></a>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := xmltext.ParseString(text, xmltext.Limits{})
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), "Сынақ") {
				t.Errorf("the error quotes the document: %v", err)
			}
		})
	}
}
