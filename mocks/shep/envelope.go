package shep

import (
	"bytes"
	"context"
	"fmt"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// sign turns a message into the bytes of a signed envelope.
func (s *Server) sign(ctx context.Context, m *Message, g *Signing) ([]byte, error) {
	data, err := s.data(ctx, m, g)
	if err != nil {
		return nil, fmt.Errorf("signing the data: %w", err)
	}
	env := appendEnvelope(nil, m, data)
	if g.Envelope == "" || m.Fault != nil { // faults come with an empty Header
		return env, nil
	}
	signer, err := s.signer(g.Envelope)
	if err != nil {
		return nil, err
	}
	o := wsse.SignOptions{ID: g.ID, KeyInfo: g.KeyInfo, NewID: s.o.NewID}
	if g.Algorithm == nil && g.SignedInfo == nil {
		return wsse.SignBody(ctx, env, signer, o)
	}
	bent := &bentSigner{Signer: signer, signedInfo: g.SignedInfo}
	if g.Algorithm != nil {
		id, err := s.o.PKI.Identity(g.Envelope)
		if err != nil {
			return nil, err
		}
		a := g.Algorithm(id)
		bent.algorithm = &a
	}
	if env, err = wsse.SignBody(ctx, env, bent, o); err != nil {
		return nil, err
	}
	return bytes.Replace(env, bent.honest, bent.signed, 1), nil
}

// data gives the data element: the registry's document with its own signature,
// in its carrier.
func (s *Server) data(ctx context.Context, m *Message, g *Signing) ([]byte, error) {
	if m.Data == nil {
		return nil, nil
	}
	root := m.Data
	if g.Carrier == Self {
		asData(root, m.DataSpace)
	}
	doc, err := serialize(root)
	if err != nil {
		return nil, err
	}
	if g.Inner != "" {
		signer, err := s.signer(g.Inner)
		if err != nil {
			return nil, err
		}
		if doc, err = xmldsig.SignEnveloped(ctx, doc, signer); err != nil {
			return nil, err
		}
	}
	if g.Inside != nil {
		doc = g.Inside(doc)
	}
	if g.Carrier == Self {
		return doc, nil
	}
	return carry(doc, g.Carrier, m.DataSpace), nil
}

// asData makes the root of the registry's answer the data element itself: it
// keeps its namespaces and says by xsi:type what it is.
func asData(root *etree.Element, space string) {
	typ := root.FullTag()
	root.Space, root.Tag = "", "data"
	root.CreateAttr("xmlns:xsi", xsiSpace)
	root.CreateAttr("xsi:type", typ)
	if space != "" {
		root.Space = "int"
		root.CreateAttr("xmlns:int", space)
	}
}

func carry(doc []byte, c Carrier, space string) []byte {
	open, end := "<data", "</data>"
	if space != "" {
		open, end = `<int:data xmlns:int="`+space+`"`, "</int:data>"
	}
	text := ` xmlns:xsi="` + xsiSpace + `" xmlns:xs="` + xsdSpace + `" xsi:type="xs:string">`
	switch c {
	case String:
		return append(xmltext.AppendText([]byte(open+text), string(doc)), end...)
	case CDATA:
		doc = bytes.ReplaceAll(doc, []byte("]]>"), []byte("]]]]><![CDATA[>")) // XML 1.0 section 2.7
		return []byte(open + text + "<![CDATA[" + string(doc) + "]]>" + end)
	default:
		return []byte(open + ">" + string(doc) + end)
	}
}

func serialize(root *etree.Element) ([]byte, error) {
	doc := etree.NewDocumentWithRoot(root)
	doc.WriteSettings = etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true}
	return doc.WriteToBytes()
}

// appendEnvelope writes the unsigned envelope. Only the wrapper is qualified:
// no schema of the channel sets elementFormDefault.
func appendEnvelope(dst []byte, m *Message, data []byte) []byte {
	dst = append(dst, `<soap:Envelope xmlns:soap="`+soapSpace+`"><soap:Header></soap:Header><soap:Body>`...)
	if m.Fault != nil {
		dst = appendFault(dst, m.Fault)
	} else {
		wrapper, child := typesSpace, "response"
		if m.Clone == TaxSpace {
			wrapper, child = TaxSpace, "return"
		}
		dst = append(dst, `<ns2:SendMessageResponse xmlns:ns2="`+wrapper+`"><`+child+`><responseInfo>`...)
		dst = element(dst, "messageId", m.MessageID)
		if m.CorrelationID != "" {
			dst = element(dst, "correlationId", m.CorrelationID)
		}
		dst = element(dst, "responseDate", m.Date)
		dst = append(dst, "<status>"...)
		dst = element(dst, "code", m.Status.Code)
		dst = element(dst, "message", clip(m.Status.Message))
		dst = append(dst, "</status>"...)
		if m.SessionID != "" {
			dst = element(dst, "sessionId", m.SessionID)
		}
		dst = append(append(dst, "</responseInfo><responseData>"...), data...)
		dst = append(dst, "</responseData></"+child+"></ns2:SendMessageResponse>"...)
	}
	return append(dst, "</soap:Body></soap:Envelope>"...)
}

func appendFault(dst []byte, f *Fault) []byte {
	dst = append(dst, "<soap:Fault>"...)
	dst = element(dst, "faultcode", "soap:"+f.Code)
	dst = element(dst, "faultstring", f.Reason)
	if d := f.Detail; d != nil {
		dst = append(dst, `<detail><ns2:SendMessageFault1_SendMessageFault xmlns:ns2="`+typesSpace+`">`...)
		dst = element(dst, "errorCode", d.Code)
		dst = element(dst, "errorMessage", d.Message)
		if d.Data != "" {
			dst = element(dst, "errorData", d.Data)
		}
		dst = element(dst, "errorDate", d.Date)
		dst = append(dst, "</ns2:SendMessageFault1_SendMessageFault></detail>"...)
	}
	return append(dst, "</soap:Fault>"...)
}

func element(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = xmltext.AppendText(dst, value)
	return append(append(append(dst, "</"...), name...), '>')
}

// clip keeps status/message within the 250 characters of its type.
func clip(s string) string {
	runes := []rune(s)
	if len(runes) <= maxStatusMessage {
		return s
	}
	return string(runes[:maxStatusMessage-1]) + "…"
}

const maxStatusMessage = 250
