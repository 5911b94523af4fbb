package exchange

import (
	"context"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// Signer signs what leaves the gateway. A key that signs digests becomes one by
// KeySigner, wherever it lives: in memory, in a hardware module, behind a
// program. A service that takes and gives whole messages is one by itself
// (gateway/ncanode).
type Signer interface {
	// SignBody signs the Body of an unsigned envelope, as wsse.SignBody does.
	SignBody(ctx context.Context, env []byte, o wsse.SignOptions) ([]byte, error)
	// SignEnveloped puts a signature over a document into it, as
	// xmldsig.SignEnveloped does.
	SignEnveloped(ctx context.Context, doc []byte) ([]byte, error)
}

// KeySigner makes a Signer of one that signs SignedInfo.
func KeySigner(s xmldsig.Signer) Signer { return keySigner{s} }

type keySigner struct{ xmldsig.Signer }

func (k keySigner) SignBody(ctx context.Context, env []byte, o wsse.SignOptions) ([]byte, error) {
	return wsse.SignBody(ctx, env, k.Signer, o)
}

func (k keySigner) SignEnveloped(ctx context.Context, doc []byte) ([]byte, error) {
	return xmldsig.SignEnveloped(ctx, doc, k.Signer)
}
