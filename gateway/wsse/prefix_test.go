package wsse_test

import (
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
)

// TestSigningKeepsTheMeaningOfPrefixes: what the caller declared above the Body
// under a prefix we like to use still means the same inside the Body, and the
// attributes we write are where they belong.
func TestSigningKeepsTheMeaningOfPrefixes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for _, prefix := range []string{"wsu", "wsse", "ds", "soap", "wsux"} {
		for _, declared := range []string{"Envelope", "Body"} {
			for _, id := range []wsse.IDStyle{wsse.IDUtility, wsse.IDPlain, wsse.IDBoth} {
				t.Run(prefix+"/"+declared+"/"+string(id), func(t *testing.T) {
					t.Parallel()
					env := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body><P:q a="1"/></s:Body></s:Envelope>`
					env = strings.Replace(strings.ReplaceAll(env, "P:", prefix+":"), "<s:"+declared, "<s:"+declared+" xmlns:"+prefix+`="urn:mine"`, 1)
					signed := w.sign(t, env, wsse.SignOptions{ID: id})
					v, err := w.verify(signed)
					if err != nil {
						t.Fatalf("%v\n%s", err, signed)
					}
					if !v.Body.First().Is("urn:mine", "q") {
						t.Errorf("the Body's content moved to the namespace %q\n%s", v.Body.First().Space(), signed)
					}
					security := v.Doc.Root().First().Child(wsse.Namespace, "Security")
					if must, _ := security.Attr("http://schemas.xmlsoap.org/soap/envelope/", "mustUnderstand"); must != "1" {
						t.Errorf("mustUnderstand is lost\n%s", signed)
					}
				})
			}
		}
	}
}

// TestEnvelopePrefixes: whatever prefix the Envelope uses, the header we write
// is understood.
func TestEnvelopePrefixes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for _, prefix := range []string{"soap", "S", "wsse", "ds", "wsu", "конверт", ""} {
		for _, header := range []string{"", "<P:Header/>", "<P:Header></P:Header>"} {
			t.Run(prefix+"/"+header, func(t *testing.T) {
				t.Parallel()
				env := `<P:Envelope xmlns:P="http://schemas.xmlsoap.org/soap/envelope/">` + header + `<P:Body><q xmlns=""/></P:Body></P:Envelope>`
				if prefix == "" {
					env = strings.NewReplacer("xmlns:P=", "xmlns=", "P:", "").Replace(env)
				}
				env = strings.NewReplacer("xmlns:P=", "xmlns:"+prefix+"=", "P:", prefix+":").Replace(env)
				signed := w.sign(t, env, wsse.SignOptions{})
				v, err := w.verify(signed)
				if err != nil {
					t.Fatalf("%v\n%s", err, signed)
				}
				security := v.Doc.Root().First().Child(wsse.Namespace, "Security")
				if must, _ := security.Attr("http://schemas.xmlsoap.org/soap/envelope/", "mustUnderstand"); must != "1" {
					t.Errorf("mustUnderstand is lost\n%s", signed)
				}
			})
		}
	}
}
