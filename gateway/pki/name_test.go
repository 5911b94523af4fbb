package pki_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/pki"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	const cn, ou, o, c = "2.5.4.3=", "2.5.4.11=", "2.5.4.10=", "2.5.4.6="
	for _, tt := range []struct {
		name, in string
		want     []string // sorted; nil for what is not a name
	}{
		{"RFC 4514", "CN=ШЭП,OU=BIN123,C=KZ", []string{ou + "bin123", cn + "шэп", c + "kz"}},
		{"other order", "C=KZ,OU=BIN123,CN=ШЭП", []string{ou + "bin123", cn + "шэп", c + "kz"}},
		{"white space around the parts", " CN = ШЭП ,\tC =  KZ ", []string{cn + "шэп", c + "kz"}},
		{"white space inside a value", "CN=ҰЛТТЫҚ \t ОРТАЛЫҚ", []string{cn + "ұлттық орталық"}},
		{"semicolons", "CN=a;C=KZ", []string{cn + "a", c + "kz"}},
		{"multi-valued", "CN=a+OU=b,C=KZ", []string{ou + "b", cn + "a", c + "kz"}},
		{"letters of the Kazakh alphabet", "CN=ӘҒҚҢӨҰҮҺІ", []string{cn + "әғқңөұүһі"}},
		{"quoted", `CN="Сынақ, ""`, nil},
		{"quoted with a comma", `O="Сынақ, Ltd; + Co",C=KZ`, []string{o + "сынақ, ltd; + co", c + "kz"}},
		{"quoted with a quote", `O="a\"b" , C=KZ`, []string{o + `a"b`, c + "kz"}},
		{"quoted and more", `O="a"b`, nil},
		{"quote not closed", `O="a,C=KZ`, nil},
		{"quote inside a plain value", `O=АО \"СЫНАҚ\",C=KZ`, []string{o + `ао "сынақ"`, c + "kz"}},
		{"escaped comma", `O=Сынақ\, Ltd,C=KZ`, []string{o + "сынақ, ltd", c + "kz"}},
		{"escaped by hexadecimal digits", `CN=\D0\A1\D1\8B`, []string{cn + "сы"}},
		{"escaped comma by hexadecimal digits", `O=a\2Cb`, []string{o + "a,b"}},
		{"escaped backslash", `O=a\\b`, []string{o + `a\b`}},
		{"backslash at the end", `O=a\`, []string{o + `a\`}},
		{"equals sign in a value", "CN=a=b", []string{cn + "a=b"}},
		{"hexadecimal value", "2.5.4.3=#0C04D0A8D0AD", []string{cn + "шэ"}},
		{"hexadecimal value of a name with a keyword", "CN=#0c0161", []string{cn + "a"}},
		{"escaped number sign", `CN=\#0c0161`, []string{cn + "#0c0161"}},
		{"quoted number sign", `CN="#0c0161"`, []string{cn + "#0c0161"}},
		{"number sign without hexadecimal digits", "CN=#1 system", []string{cn + "#1 system"}},
		{"dotted identifier", "1.2.840.113549.1.9.1=a@b.test", []string{"1.2.840.113549.1.9.1=a@b.test"}},
		{"dotted identifier with a prefix", "OID.2.5.4.3=a,oid.2.5.4.6=kz", []string{cn + "a", c + "kz"}},
		{"keywords of Java and OpenSSL", "EMAILADDRESS=x,E=y,ST=s,S=z,SERIALNUMBER=IIN1,SN=n,G=g", []string{
			"1.2.840.113549.1.9.1=x", "1.2.840.113549.1.9.1=y", "2.5.4.42=g", "2.5.4.4=n", "2.5.4.5=iin1", "2.5.4.8=s", "2.5.4.8=z",
		}},
		{"keywords in any case", "cn=a,Ou=b", []string{ou + "b", cn + "a"}},
		{"empty value", "CN=,C=KZ", []string{cn, c + "kz"}},
		{"divider at the end", "CN=a,", []string{cn + "a"}},
		{"one part twice", "OU=a,OU=a", []string{ou + "a", ou + "a"}},
		{"nothing", "", nil},
		{"white space", "  ", nil},
		{"no equals sign", "ШЭП", nil},
		{"unknown keyword", "CNN=a", nil},
		{"no keyword", "=a", nil},
		{"two dividers", "CN=a,,C=KZ", nil},
		{"slashes", "/CN=a/C=KZ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, ok := pki.ParseName(tt.in)
			slices.Sort(tt.want)
			if ok != (tt.want != nil) || (ok && !slices.Equal(n, tt.want)) {
				t.Errorf("got %q, %v, want %q", n, ok, tt.want)
			}
		})
	}
}

func TestNameHolds(t *testing.T) {
	t.Parallel()
	n, _ := pki.ParseName("CN=TEST SHEP,O=TEST,C=KZ")
	for pin, want := range map[string]bool{
		"CN=TEST SHEP":             true,
		"CN=test  shep":            true,
		"C=KZ,CN=TEST SHEP":        true,
		"CN=TEST SHEP,O=TEST,C=KZ": true,
		"CN=TEST":                  false,
		"CN=TEST SHEP 2":           false,
		"O=TEST SHEP":              false,
		"CN=TEST SHEP,L=Astana":    false,
	} {
		p, ok := pki.ParseName(pin)
		if !ok || n.Holds(p) != want {
			t.Errorf("%s: %v", pin, !want)
		}
	}
}

// TestNamesComeBack: a name of a certificate, in whatever of its own spellings,
// is that name.
func TestNamesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.StringMatching(`[A-Za-zӘҒҚҢӨҰҮҺІ0-9 .,;+"\\<>#=/-]{1,12}`), rapid.StringN(1, 8, -1)).Filter(func(s string) bool {
			return !strings.ContainsAny(s, "\x00") && strings.ToValidUTF8(s, "") == s
		})
		types := []asn1.ObjectIdentifier{{2, 5, 4, 3}, {2, 5, 4, 10}, {2, 5, 4, 11}, {2, 5, 4, 42}, {1, 2, 840, 113549, 1, 9, 1}, {0, 9, 2342, 19200300, 100, 1, 1}}
		var seq pkix.RDNSequence
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			seq = append(seq, pkix.RelativeDistinguishedNameSET{{Type: rapid.SampledFrom(types).Draw(t, "type"), Value: value.Draw(t, "value")}})
		}
		der, err := asn1.Marshal(seq)
		if err != nil {
			t.Skip("not encodable")
		}
		want := pki.NameOf(der)
		var parsed pkix.RDNSequence
		if _, err := asn1.Unmarshal(der, &parsed); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{parsed.String()} {
			got, ok := pki.ParseName(text)
			if !ok || !got.Equal(want) {
				t.Errorf("%q is read as %q, the certificate says %q", text, got, want)
			}
		}
	})
}

// escaped writes a Name so that every divider is escaped.
func escaped(n pki.Name) string {
	var b strings.Builder
	for i, part := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		oid, value, _ := strings.Cut(part, "=")
		b.WriteString(oid + "=")
		for _, c := range []byte(value) {
			b.WriteString(`\` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		}
	}
	return b.String()
}

// FuzzParseName: what is read as a name is sorted, and read again as itself.
func FuzzParseName(f *testing.F) {
	for _, s := range []string{"CN=ШЭП,C=KZ", `O="a, b"+OU=c\,d;2.5.4.3=#0C0161`, `CN=\#1\D0\A1`, "OID.1.2=x,", "=", `CN="`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := pki.ParseName(s)
		if !ok {
			return
		}
		if len(n) == 0 || !slices.IsSorted(n) || !n.Holds(n) {
			t.Fatalf("%q is the name %q", s, n)
		}
		again, ok := pki.ParseName(escaped(n))
		if !ok || !again.Equal(n) {
			t.Fatalf("%q is %q, written as %q it is %q", s, n, escaped(n), again)
		}
	})
}
