package mocks

import (
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/registries/legalentity"
	"github.com/kopir-kz/kopir/mocks/registries/taxpayer"
	"github.com/kopir-kz/kopir/mocks/shep"
)

const entityQuestion = `<g:Request xmlns:g="http://gbdulinfobybin_v2.egp.gbdul.tamur.kz"><RequestorBIN>990140900014</RequestorBIN><BIN>990440900045</BIN></g:Request>`

// asText is a document as the text of data.
func asText(document string) string {
	b := []byte(`<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string">`)
	return string(append(xmltext.AppendText(b, document), "</data>"...))
}

// TestSignedInside: a registry that demands a signature over the document inside
// data does not answer another one.
func TestSignedInside(t *testing.T) {
	t.Parallel()
	signed := func(t *testing.T, w *World, role pki.Role) string {
		t.Helper()
		id, err := w.PKI.Identity(role)
		if err != nil {
			t.Fatal(err)
		}
		s, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
		if err != nil {
			t.Fatal(err)
		}
		b, err := xmldsig.SignEnveloped(t.Context(), []byte(entityQuestion), s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tt := range []struct {
		name    string
		refused bool
		inside  func(*testing.T, *World) string
	}{
		{"by the sender", false, func(t *testing.T, w *World) string { return signed(t, w, pki.Client) }},
		{"by nobody", true, func(*testing.T, *World) string { return entityQuestion }},
		{"by another organisation", true, func(t *testing.T, w *World) string { return signed(t, w, pki.ClientOther) }},
		{"by somebody revoked", true, func(t *testing.T, w *World) string { return signed(t, w, pki.ClientRevoked) }},
		{"and changed", true, func(t *testing.T, w *World) string {
			return strings.Replace(signed(t, w, pki.Client), "990440900045", "990540900059", 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			q := ask("")
			q.service, q.payload = legalentity.Service, asText(tt.inside(t, w))
			a := q.send(t, w)
			if tt.refused {
				checkRefusal(t, w, a, shep.CheckInside)
			} else if received := w.Received(); a.status != 200 || !received[len(received)-1].Accepted() {
				t.Errorf("status %d: %+v", a.status, received)
			}
		})
	}
}

// TestClone: a service behind a clone of the channel answers there and nowhere
// else, and the clone knows fewer elements.
func TestClone(t *testing.T) {
	t.Parallel()
	const question = `<t:TaxpayerRequest xmlns:t="urn:kopir:contract:taxpayer:1"><requestId>1</requestId><iin>804220301131</iin></t:TaxpayerRequest>`
	inClone := func(text string) string {
		return strings.Replace(text, `"http://bip.bee.kz/SyncChannel/v10/Types"`, `"`+shep.TaxSpace+`"`, 1)
	}
	for _, tt := range []struct {
		name, service, payload, info string
		change                       func(string) string
		refused                      shep.Check // "" for none
	}{
		{"the tax system in its clone", taxpayer.Service, asText(question), "", inClone, ""},
		{"in the channel", taxpayer.Service, asText(question), "", nil, shep.CheckService},
		{"another service in the clone", legalentity.Service, asText(entityQuestion), "", inClone, shep.CheckService},
		{"properties in the clone", taxpayer.Service, asText(question), "<properties><key>k</key><value>v</value></properties>", inClone, shep.CheckSchema},
		{"no channel at all", taxpayer.Service, asText(question), "", func(s string) string {
			return strings.Replace(s, `"http://bip.bee.kz/SyncChannel/v10/Types"`, `"urn:x"`, 1)
		}, shep.CheckSchema},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			q := ask("")
			q.service, q.payload, q.info, q.unsigned = tt.service, tt.payload, tt.info, tt.change
			a := q.send(t, w)
			switch {
			case tt.refused != "":
				checkRefusal(t, w, a, tt.refused)
			case a.status != 200 || !strings.Contains(a.body, `xmlns:ns2="`+shep.TaxSpace+`"><return><responseInfo>`):
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}
