package shep

import (
	"bytes"
	"context"
	"hash"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// bentSigner signs with another algorithm, or another SignedInfo, than an
// honest signer would. What it makes is a real signature all the same: only the
// one thing that a verifier has to notice is wrong.
type bentSigner struct {
	xmldsig.Signer
	algorithm  *Algorithm                            // nil for the signer's own
	signedInfo func(string, func() hash.Hash) string // nil for no change

	honest, signed []byte // SignedInfo as the message has it, and as it must have it
}

// Suite tells the identifiers and the digest of the other algorithm.
func (b *bentSigner) Suite() *xmldsig.Suite {
	a := b.algorithm
	if a == nil {
		return b.Signer.Suite()
	}
	return &xmldsig.Suite{Name: "bent", SignatureURI: a.SignatureURI, DigestURI: a.DigestURI, NewHash: a.NewHash}
}

// Sign signs the changed SignedInfo and remembers both texts, so that the one
// can be exchanged for the other in the message.
func (b *bentSigner) Sign(ctx context.Context, signedInfo []byte) ([]byte, error) {
	changed := signedInfo
	if b.signedInfo != nil {
		changed = []byte(b.signedInfo(string(signedInfo), b.Suite().NewHash))
	}
	b.honest, b.signed = undeclared(signedInfo), undeclared(changed)
	if b.algorithm != nil {
		return b.algorithm.Value(changed)
	}
	return b.Signer.Sign(ctx, changed)
}

// undeclared leaves out the declaration that canonical form puts on SignedInfo
// and the message on Signature.
func undeclared(signedInfo []byte) []byte {
	return bytes.Replace(signedInfo, []byte(` xmlns:ds="`+xmldsig.Namespace+`"`), nil, 1)
}
