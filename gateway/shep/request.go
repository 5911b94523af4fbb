package shep

import (
	"bytes"
	"time"

	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Request is one SendMessage.
type Request struct {
	MessageID     string    // ours; a new one for every attempt
	CorrelationID string    // ours; the same for all attempts of one exchange
	Date          time.Time // when the message was made; written with its offset
	Password      string    // content of the profile's password file; "" leaves the element out
	Payload       []byte    // well-formed XML without declaration, already signed inside if the profile says so
}

// dateTime is xsd:dateTime with milliseconds and an explicit offset. Peers are
// known to send local times without one; nobody should have to guess ours.
const dateTime = "2006-01-02T15:04:05.000Z07:00"

// AppendRequest appends the unsigned envelope of a request. The tree has the
// order and cardinality of SyncSendMessageRequest; optional elements that are
// empty are left out, and sessionId is never sent, ШЭП fills it.
//
// The wrapper has a prefix, so its unqualified children need no xmlns="". The
// Body is written in exclusive canonical form, as far as the payload is.
func (p *Profile) AppendRequest(dst []byte, r Request) []byte {
	carrier := p.Carrier()
	dst = soap.AppendStart(dst, p.declarations(carrier)...)
	dst = append(dst, `<typ:SendMessage xmlns:typ="`+p.Envelope.Wrapper+`"><request><requestInfo>`...)
	dst = element(dst, "messageId", r.MessageID)
	dst = optional(dst, "correlationId", r.CorrelationID)
	dst = element(dst, "serviceId", p.ServiceID)
	dst = append(dst, "<messageDate>"...)
	dst = r.Date.AppendFormat(dst, dateTime)
	dst = append(dst, "</messageDate>"...)
	dst = optional(dst, "routeId", p.RouteID)
	dst = append(dst, "<sender>"...)
	dst = element(dst, "senderId", p.SenderID)
	dst = optional(dst, "password", r.Password)
	dst = append(dst, "</sender>"...)
	for _, prop := range p.Properties {
		dst = append(dst, "<properties>"...)
		dst = element(dst, "key", prop.Key)
		dst = element(dst, "value", prop.Value)
		dst = append(dst, "</properties>"...)
	}
	dst = append(dst, "</requestInfo><requestData>"...)
	dst = p.appendData(dst, carrier, r.Payload)
	dst = append(dst, "</requestData></request></typ:SendMessage>"...)
	return soap.AppendEnd(dst)
}

// declarations are the prefixes that appear only inside an xsi:type value.
func (p *Profile) declarations(carrier string) []soap.Declaration {
	switch carrier {
	case String, CDATA:
		return []soap.Declaration{{Prefix: "xs", Space: xsd}}
	case Typed:
		return []soap.Declaration{{Prefix: "cs", Space: p.Data.TypeSpace}}
	}
	return nil
}

func (p *Profile) appendData(dst []byte, carrier string, payload []byte) []byte {
	const typed = `<data xmlns:xsi="` + xsi + `" xsi:type="`
	switch carrier {
	case String:
		dst = append(dst, typed+`xs:string">`...)
		dst = xmltext.AppendText(dst, string(payload))
	case CDATA:
		dst = append(dst, typed+`xs:string"><![CDATA[`...)
		dst = appendCDATA(dst, payload)
		dst = append(dst, "]]>"...)
	case Typed:
		dst = append(dst, typed+`cs:`...)
		dst = xmltext.AppendAttr(dst, p.Data.TypeName)
		dst = append(append(dst, `">`...), content(payload)...)
	default:
		dst = append(append(dst, "<data>"...), payload...)
	}
	return append(dst, "</data>"...)
}

// content is what stands inside the payload's root: in the form typed data takes
// the place of that root.
func content(payload []byte) []byte {
	d, err := xmltext.Parse(payload, xmltext.Limits{})
	if err != nil {
		return payload // what is wrong with it is said when the message is signed
	}
	return []byte(d.Source()[d.Root().TagEnd():d.Root().ContentEnd()])
}

// appendCDATA splits every "]]>" over two sections, the only way to write it
// (XML 1.0 section 2.7).
func appendCDATA(dst, b []byte) []byte {
	for {
		i := bytes.Index(b, []byte("]]>"))
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i+2]...)
		dst = append(dst, "]]><![CDATA["...)
		b = b[i+2:]
	}
}

func element(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = xmltext.AppendText(dst, value)
	return append(append(append(dst, "</"...), name...), '>')
}

func optional(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return element(dst, name, value)
}
