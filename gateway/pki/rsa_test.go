package pki_test

import (
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestLongRSAKey: no work is done with a key that was made to cause it.
func TestLongRSAKey(t *testing.T) {
	t.Parallel()
	oid := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	root := pkitest.NewAuthority(t, "Root")
	for bits, refused := range map[uint]bool{pki.MaxRSABits: false, pki.MaxRSABits + 1: true, 1 << 19: true} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		key := &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 1<<31 - 1}
		err := pki.CheckSignature(key, oid, []byte("text"), make([]byte, (bits+7)/8))
		var algorithm *pki.AlgorithmError
		if errors.As(err, &algorithm) != refused || !refused && !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%d bits: %v", bits, err)
		}
		want := pki.Reason("")
		if refused {
			want = pki.ReasonKeyKind
		}
		expect(t, root.Store(), carried(root.Issue(t, "Long", key)), pkitest.Now(), want)
	}
}
