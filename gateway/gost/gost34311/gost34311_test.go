package gost34311

import (
	"bytes"
	"encoding/hex"
	"hash"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/internal/hashtest"
)

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"RFC 5831, section 7.3, a block", "This is message, length=32 bytes", "b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa"},
		{"RFC 5831, section 7.3, more than a block", "Suppose the original message has length = 50 bytes", "471aba57a60a770d3a76130635c1fbea4ef14de51f78b4ae57dd893b62f55208"},
		{"empty", "", "ce85b99cc46752fffee35cab9a7b0278abb4c2d2055cff685af4912c49490f8d"},
		{"one byte", "a", "d42c539e367c66e9c88a801f6649349c21871b4344c6a573f849fdce62f314dd"},
		{"many blocks", strings.Repeat("a", 1_000_000), "5c00ccc2734cdd3332d3d4749576e3c1a7dbaf0e7ea74e9fa602413c90a129fa"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := hex.EncodeToString(hashtest.Of(New(), []byte(tt.text))); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestHash counts allocations, so it is not parallel.
func TestHash(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			hashtest.Run(t, v.newHash, model{v.sbox}.sum)
			if h := v.newHash(); h.Size() != Size || h.BlockSize() != BlockSize {
				t.Errorf("lengths %d and %d, want %d and %d", h.Size(), h.BlockSize(), Size, BlockSize)
			}
		})
	}
}

// TestOpenSSL is with the S-box of CryptoPro, as OpenSSL has no other: it holds
// all but the table of ours, which the examples hold.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	hashtest.OpenSSL(t, "md_gost94", func() hash.Hash { return newDigest(cryptoProParamSet.sbox()) })
}

// FuzzModel: whatever is hashed, in whatever two pieces, the model has the same
// digest.
func FuzzModel(f *testing.F) {
	f.Add([]byte{}, uint(0))
	f.Add([]byte(strings.Repeat("0123456789", 10)), uint(31))
	f.Add(bytes.Repeat([]byte{0xff}, 64), uint(32))
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		at := min(int(cut%(2*BlockSize)), len(data))
		h := New()
		_, _ = h.Write(data[:at])
		_, _ = h.Write(data[at:])
		if got, want := h.Sum(nil), (model{testParamSet}).sum(data); !bytes.Equal(got, want) {
			t.Errorf("digest of %x cut at %d\nis   %x\nwant %x", data, at, got, want)
		}
	})
}

func BenchmarkGOST34311(b *testing.B) { hashtest.Bench(b, New()) }

var variants = []struct {
	name    string
	sbox    rows
	newHash func() hash.Hash
}{
	{"test parameters", testParamSet, New},
	{"CryptoPro", cryptoProParamSet, func() hash.Hash { return newDigest(cryptoProParamSet.sbox()) }},
}

// cryptoProParamSet is id-GostR3411-94-CryptoProParamSet (RFC 4357, section
// 11.2).
var cryptoProParamSet = rows{
	{10, 4, 5, 6, 8, 1, 3, 7, 13, 12, 14, 0, 9, 2, 11, 15},
	{5, 15, 4, 0, 2, 13, 11, 9, 1, 7, 6, 3, 12, 14, 10, 8},
	{7, 15, 12, 14, 9, 4, 1, 0, 3, 11, 5, 2, 6, 10, 8, 13},
	{4, 10, 7, 12, 0, 15, 2, 8, 14, 1, 6, 5, 13, 11, 9, 3},
	{7, 6, 4, 11, 9, 12, 2, 10, 1, 8, 0, 14, 15, 13, 3, 5},
	{7, 6, 2, 4, 13, 9, 15, 0, 10, 1, 5, 11, 8, 14, 12, 3},
	{13, 14, 4, 1, 7, 0, 5, 10, 3, 12, 8, 15, 6, 2, 9, 11},
	{1, 3, 10, 9, 5, 11, 4, 15, 8, 6, 7, 14, 13, 0, 2, 12},
}
