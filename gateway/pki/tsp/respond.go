package tsp

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// Authority makes tokens, for the offline world and for tests.
type Authority struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate   // carried beside the certificate where that is asked for
	Policy      asn1.ObjectIdentifier // under which tokens are made
	Accuracy    time.Duration         // told in tokens, in whole seconds; 0 is not told
}

// Respond answers a request in DER with a token of a moment, or with a
// rejection: badDataFormat for what is no request, badAlg for a digest that is
// not accepted, unacceptedPolicy for another policy. The serial number must be a
// new one. An error means that there is no answer.
func (a *Authority) Respond(request []byte, serial *big.Int, now time.Time) ([]byte, error) {
	r, err := ParseRequest(request)
	if err != nil {
		return Refusal(Rejection, BadDataFormat)
	}
	newHash, ok := newHash(r.Imprint.Digest)
	switch {
	case !ok:
		return Refusal(Rejection, BadAlg)
	case len(r.Imprint.Sum) != newHash().Size():
		return Refusal(Rejection, BadDataFormat)
	case r.Policy != nil && !r.Policy.Equal(a.Policy):
		return Refusal(Rejection, UnacceptedPolicy)
	}
	info, err := a.info(r, serial, now)
	if err != nil {
		return nil, err
	}
	token, err := cms.Sign(info, a.Key, a.Certificate, cms.SignOptions{
		ContentType: oidTSTInfo, SigningTime: now, Certificates: a.Chain, NoCertificates: !r.CertReq,
	})
	if err != nil {
		return nil, fmt.Errorf("sign the token: %w", err)
	}
	return respond(Granted, nil, token)
}

// info makes the TSTInfo.
func (a *Authority) info(r *Request, serial *big.Int, now time.Time) ([]byte, error) {
	if serial == nil || a.Policy == nil {
		return nil, errors.New("a token needs a serial number and a policy")
	}
	var b cryptobyte.Builder
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(a.Policy)
		r.Imprint.add(b)
		b.AddASN1BigInt(serial)
		b.AddASN1GeneralizedTime(now.UTC().Truncate(time.Second))
		if seconds := int64(a.Accuracy / time.Second); seconds > 0 {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(seconds) })
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
	})
	return b.Bytes()
}

// Refusal makes an answer without a token.
func Refusal(s Status, failures ...Failure) ([]byte, error) { return respond(s, failures, nil) }

func respond(s Status, failures []Failure, token []byte) ([]byte, error) {
	var bits asn1.BitString
	for _, f := range failures {
		if n := int(f) + 1; n > bits.BitLength {
			bits.BitLength = n
			bits.Bytes = append(bits.Bytes, make([]byte, (n+7)/8-len(bits.Bytes))...)
		}
		bits.Bytes[f/8] |= 0x80 >> (f % 8)
	}
	info := struct {
		Status   int
		Failures asn1.BitString `asn1:"optional"`
	}{int(s), bits}
	der, err := asn1.Marshal(info)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(der)
		b.AddBytes(token)
	})
	return b.Bytes()
}
