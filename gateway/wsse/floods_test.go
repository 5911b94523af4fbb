package wsse_test

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestT12FloodsInASignedMessage puts floods where the strict reader lets them
// in, into messages that name a trusted signer: whatever is done before the
// signature is known to hold stays within the memory budget. It counts the
// memory of the whole process, so it is not parallel.
func TestT12FloodsInASignedMessage(t *testing.T) {
	const budget, mib = 64 << 20, 1 << 20
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	good := string(w.sign(t, envelope, wsse.SignOptions{KeyInfo: wsse.IssuerSerial}))
	carrying := string(w.sign(t, envelope, wsse.SignOptions{KeyInfo: wsse.X509Data}))
	edit := func(env, old, new string) string {
		if !strings.Contains(env, old) {
			t.Fatalf("the message lacks %q", old)
		}
		return strings.Replace(env, old, new, 1)
	}
	method := func(list string) string {
		return edit(good, `xml-exc-c14n#"></ds:CanonicalizationMethod>`, `xml-exc-c14n#"><i:InclusiveNamespaces xmlns:i="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="`+list+`"/></ds:CanonicalizationMethod>`)
	}
	declarations := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `<h xmlns:p%d="u:"/>`, i)
		}
		return b.String()
	}
	between := func(env, from, to, put string) string {
		head, rest, _ := strings.Cut(env, from)
		_, tail, found := strings.Cut(rest, to)
		if !found {
			t.Fatalf("the message lacks %q", to)
		}
		return head + from + put + to + tail
	}
	rep := strings.Repeat
	tests := []struct {
		name, env string
		want      xmldsig.Class // "" where it is accepted
	}{
		{"prefix list of two megabytes", method(rep("p ", mib)), xmldsig.ClassStructure},
		{"prefix list against 19,000 prefixes", edit(method(rep("p1 ", 300)), "</soap:Header>", declarations(19_000)+"</soap:Header>"), xmldsig.ClassSignature},
		{"issuer of two megabytes", edit(good, "<ds:X509IssuerName>", "<ds:X509IssuerName>"+rep(" ", 2*mib)), xmldsig.ClassStructure},
		{"issuer of a million parts", edit(good, "<ds:X509IssuerName>", "<ds:X509IssuerName>"+rep("C=KZ,", mib/2)), xmldsig.ClassStructure},
		{"subject of a million parts", edit(carrying, "</ds:X509Data>", "<ds:X509SubjectName>"+rep("C=KZ,", mib/2)+"</ds:X509SubjectName></ds:X509Data>"), xmldsig.ClassStructure},
		{"serial number of a megabyte", edit(good, "<ds:X509SerialNumber>", "<ds:X509SerialNumber>"+rep("9", mib)), xmldsig.ClassStructure},
		{"key identifier of a megabyte", edit(good, "<ds:X509IssuerSerial>", "<ds:X509SKI>"+rep("AAAA", mib/4)+"</ds:X509SKI><ds:X509IssuerSerial>"), xmldsig.ClassStructure},
		{"key identifier of a megabyte alone", between(good, "<wsse:SecurityTokenReference>", "</wsse:SecurityTokenReference>",
			`<wsse:KeyIdentifier ValueType="`+wsse.TokenX509SKI+`">`+rep("AAAA", mib/4)+`</wsse:KeyIdentifier>`), xmldsig.ClassStructure},
		{"signature value of three megabytes", edit(good, "<ds:SignatureValue>", "<ds:SignatureValue>"+rep("AAAA", 3*mib/4)), xmldsig.ClassSignature},
		{"digest value of three megabytes", edit(good, "<ds:DigestValue>", "<ds:DigestValue>"+rep("AAAA", 3*mib/4)), xmldsig.ClassSignature},
		{"white space in the signature value", edit(good, "<ds:SignatureValue>", "<ds:SignatureValue>"+rep("&#13;\n", mib/2)), ""},
		{"nine certificates", edit(carrying, "</ds:X509Data>", certificates(9, 1000)+"</ds:X509Data>"), xmldsig.ClassStructure},
		{"seven certificates of 32 KB", edit(carrying, "</ds:X509Data>", certificates(7, 32<<10)+"</ds:X509Data>"), xmldsig.ClassTrust},
		{"100,000 revocation lists", edit(carrying, "</ds:X509Data>", rep("<ds:X509CRL/>", 90_000)+"</ds:X509Data>"), ""},
		{"100,000 key names", edit(carrying, "</ds:KeyInfo>", rep("<ds:KeyName/>", 90_000)+"</ds:KeyInfo>"), ""},
		{"90,000 Ids", edit(good, "</soap:Header>", ids(90_000)+"</soap:Header>"), ""},
		{"90,000 header blocks", edit(good, "</soap:Header>", rep("<h/>", 90_000)+"</soap:Header>"), ""},
		{"3,000 References", edit(good, "</ds:Reference>", "</ds:Reference>"+rep(`<ds:Reference URI="#x"/>`, 3000)), xmldsig.ClassStructure},
		{"19,000 Signatures", edit(good, "</ds:Signature>", "</ds:Signature>"+rep(`<ds:Signature xmlns:ds="`+xmldsig.Namespace+`"/>`, 19_000)), xmldsig.ClassStructure},
		{"Body of three megabytes", edit(good, "<q>", "<q>"+rep("&lt;", 3*mib/4)), xmldsig.ClassSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := []byte(tt.env)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := w.verify(env)
			runtime.ReadMemStats(&after)
			if classOf(err) != tt.want || (tt.want == "" && err != nil) {
				t.Errorf("want class %q, got %v", tt.want, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > budget {
				t.Errorf("%d MiB of memory were asked for", used>>20)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
		})
	}
}

// certificates writes elements that could hold a certificate.
func certificates(n, size int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<ds:X509Certificate>%s</ds:X509Certificate>", base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune('a'+i)), size))))
	}
	return b.String()
}

// ids writes elements with an Id each.
func ids(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<h Id="a%d"/>`, i)
	}
	return b.String()
}
