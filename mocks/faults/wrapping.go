package faults

import (
	"strings"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// envelope is a signed answer taken apart for signature wrapping. The parts in
// order make up the envelope.
type envelope struct {
	start    string // up to and including the start tag of the Header
	security string // content of the Header: wsse:Security
	middle   string // end tag of the Header
	signed   string // the Body that the signature covers
	evil     string // a copy of it with another surname and another Id
	end      string
}

// wrappingFaults are the shapes of signature wrapping (McIntosh and Austel,
// "XML Signature Element Wrapping Attacks and Countermeasures", 2005; Somorovsky
// et al., "On Breaking SAML", 2012), turned to the Body of a SOAP message. The
// signature holds in each of them, over a Body that stands where nobody should
// read it; where one reads stands another.
func wrappingFaults() []Fault {
	shape := func(id, doc string, join func(envelope) string) Fault {
		return onBytes("wrap-"+id, "signature wrapping: "+doc, func(s *shep.Signed) error {
			e, err := takeApart(s.Bytes)
			if err != nil {
				return err
			}
			s.Bytes = []byte(join(e))
			return nil
		})
	}
	inSecurity := func(e envelope, mark string) string {
		return e.start + strings.Replace(e.security, mark, e.signed+mark, 1) + e.middle + e.evil + e.end
	}
	inHeader := func(e envelope, evil string) string {
		return e.start + e.security + `<mock:Wrapper xmlns:mock="urn:kopir:mock">` + e.signed + "</mock:Wrapper>" + e.middle + evil + e.end
	}
	return []Fault{
		shape("object", "the signed Body inside ds:Object of its own Signature, another Body in its place", func(e envelope) string {
			security := strings.Replace(e.security, signatureEnd, "<ds:Object>"+e.signed+"</ds:Object>"+signatureEnd, 1)
			return e.start + security + e.middle + e.evil + e.end
		}),
		shape("key-info", "the signed Body inside ds:KeyInfo, another Body in its place", func(e envelope) string {
			return inSecurity(e, "</ds:KeyInfo>")
		}),
		shape("security", "the signed Body beside the Signature in wsse:Security, another Body in its place", func(e envelope) string {
			return inSecurity(e, securityEnd)
		}),
		shape("header", "the signed Body in a header element, a Body without Id in its place", func(e envelope) string {
			return inHeader(e, strings.Replace(e.evil, ` wsu:Id="evil"`, "", 1))
		}),
		shape("same-id", "the signed Body in a header element, a Body with the same Id in its place", func(e envelope) string {
			id := bodyID.FindStringSubmatch(e.signed)
			return inHeader(e, strings.Replace(e.evil, `Id="evil"`, id[0], 1))
		}),
		shape("inside", "the signed Body as the last child of another Body", func(e envelope) string {
			return e.start + e.security + e.middle + strings.Replace(e.evil, bodyEnd, e.signed+bodyEnd, 1) + e.end
		}),
		shape("first", "another Body in front of the signed one", func(e envelope) string {
			return e.start + e.security + e.middle + e.evil + e.signed + e.end
		}),
		shape("last", "another Body behind the signed one", func(e envelope) string {
			return e.start + e.security + e.middle + e.signed + e.evil + e.end
		}),
	}
}

func takeApart(env []byte) (e envelope, err error) {
	start, header, rest, err := cut(env, headerTag, headerEnd)
	if err != nil {
		return e, err
	}
	middle, body, end, err := cut([]byte(rest), bodyTag, bodyEnd)
	if err != nil {
		return e, err
	}
	security := strings.TrimSuffix(strings.TrimPrefix(header, headerTag), headerEnd)
	id := bodyID.FindStringIndex(body)
	if security == "" || id == nil {
		return e, errNoPlace
	}
	return envelope{
		start:    start + headerTag,
		security: security,
		middle:   headerEnd + middle,
		signed:   body,
		evil:     string(changeLetter([]byte(body[:id[0]] + `Id="evil"` + body[id[1]:]))),
		end:      end,
	}, nil
}
