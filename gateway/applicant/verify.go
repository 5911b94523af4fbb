package applicant

import (
	"bytes"
	"context"
	"errors"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// verify checks the signatures of a document, whoever they are of.
func (c *Checker) verify(ctx context.Context, r *Request) (Result, []cms.Signer, error) {
	if isXML(r.Document) {
		return c.verifyXML(ctx, r)
	}
	m, err := cms.Parse(r.Document, c.CMS)
	if err != nil {
		return Result{}, nil, err
	}
	v, err := m.Verify(ctx, cms.Options{
		Content: r.Content, Keys: c.Keys, Clock: c.Clock, Timestamp: c.Timestamp, RequireTimestamp: c.RequireTimestamp,
	})
	if err != nil {
		return Result{}, nil, err
	}
	return Result{Content: v.Content}, v.Signers, nil
}

// isXML tells XML from CMS: neither BER nor PEM nor base64 begins so.
func isXML(document []byte) bool {
	document = bytes.TrimPrefix(document, []byte("\ufeff"))
	return bytes.HasPrefix(bytes.TrimLeft(document, " \t\r\n"), []byte("<"))
}

func (c *Checker) verifyXML(ctx context.Context, r *Request) (Result, []cms.Signer, error) {
	if r.Content != nil {
		return Result{}, nil, xmldsig.Refuse(pki.ClassStructure, "the document carries what was signed, and another content is given")
	}
	d, err := xmltext.Parse(r.Document, c.XML)
	if err != nil {
		return Result{}, nil, xmldsig.RefuseInput(err)
	}
	v, err := xmldsig.VerifyEnveloped(ctx, d.Root(), c.Keys, xmldsig.Policy{Limits: c.XML, Clock: c.Clock})
	if err != nil {
		return Result{}, nil, err
	}
	return Result{Root: v.Targets[0].Node}, []cms.Signer{{Certificate: v.Signer}}, nil
}

// outcomeOf tells what a refusal of the signature means for the applicant.
func outcomeOf(err error) Outcome {
	class := pki.ClassSignature
	var message *cms.Error
	var document *xmldsig.Error
	switch {
	case errors.As(err, &message) && message.Step == cms.StepTimestamp:
		// The certificate that has expired or is revoked is not the applicant's.
		if message.Err != nil && outcomeOf(message.Err) == Unchecked {
			return Unchecked
		}
		return SignatureInvalid
	case message != nil:
		class = message.Class()
	case errors.As(err, &document):
		class = document.Class
	}
	if class != pki.ClassTrust {
		return SignatureInvalid
	}
	var trust *pki.Error
	if !errors.As(err, &trust) {
		return Unchecked // the store itself gave no answer
	}
	switch trust.Reason {
	case pki.ReasonExpired, pki.ReasonNotYetValid:
		return CertificateNotValid
	case pki.ReasonRevoked:
		return CertificateRevoked
	case pki.ReasonNoHint, pki.ReasonMalformed, pki.ReasonUnknown, pki.ReasonAmbiguous, pki.ReasonNoChain,
		pki.ReasonKeyUsage, pki.ReasonExtension, pki.ReasonWeakKey, pki.ReasonSignerPin, pki.ReasonKeyKind:
		return SignatureInvalid
	}
	// Nobody says whether it is revoked. Whatever reason comes later is better
	// taken for an open question than for the applicant's fault.
	return Unchecked
}
