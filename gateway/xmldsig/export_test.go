package xmldsig

import (
	"context"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// BothWriters gives a signature as written by hand and as goxmldsig builds it.
func BothWriters(ctx context.Context, doc string, s Signer) (ours, theirs string, err error) {
	d, err := xmltext.ParseString(doc, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		return "", "", err
	}
	a, err := writeSignature(ctx, d, s)
	if err != nil {
		return "", "", err
	}
	b, err := constructSignature(ctx, d, s)
	return string(a), string(b), err
}
