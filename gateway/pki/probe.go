package pki

import (
	"crypto"
	"crypto/rand"
	"fmt"
)

// Probe signs a random message with a key and checks the signature with a public
// key, that of a certificate say: it tells whether the two belong together and the
// key signs at all. The name is that of the algorithm. The error is that of the
// key, or that of CheckSignature.
func Probe(key crypto.Signer, pub crypto.PublicKey) (algorithm string, err error) {
	message := make([]byte, 64)
	_, _ = rand.Read(message) // never fails
	a, value, err := SignMessage(key, message)
	if err != nil {
		return a.Name, fmt.Errorf("the key does not sign: %w", err)
	}
	return a.Name, CheckSignature(pub, a.Signature.Algorithm, message, value)
}
