package xmldsig

import (
	"context"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// SignAssembled is SignEnveloped as it is for keys that goxmldsig does not know.
func SignAssembled(ctx context.Context, doc []byte, s Signer) ([]byte, error) {
	d, err := xmltext.Parse(doc, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		return nil, err
	}
	sig, err := assembleSignature(ctx, d, s)
	if err != nil {
		return nil, err
	}
	return place(d, sig), nil
}
