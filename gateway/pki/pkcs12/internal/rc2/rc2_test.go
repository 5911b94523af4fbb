package rc2

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// The vectors of RFC 2268, section 5.
var vectors = []struct {
	bits               int
	key, plain, cipher string
}{
	{63, "0000000000000000", "0000000000000000", "ebb773f993278eff"},
	{64, "ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
	{64, "3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
	{64, "88", "0000000000000000", "61a8a244adacccf0"},
	{64, "88bca90e90875a", "0000000000000000", "6ccf4308974c267f"},
	{64, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "1a807d272bbe5db1"},
	{128, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
	{129, "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", "0000000000000000", "5b78d3a43dfff1f1"},
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		key, _ := hex.DecodeString(v.key)
		plain, _ := hex.DecodeString(v.plain)
		b, err := New(key, v.bits)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, BlockSize)
		b.Encrypt(got, plain)
		if hex.EncodeToString(got) != v.cipher {
			t.Errorf("%d bits of %s: %x instead of %s", v.bits, v.key, got, v.cipher)
		}
		b.Decrypt(got, got)
		if !bytes.Equal(got, plain) {
			t.Errorf("%d bits of %s: decrypted to %x", v.bits, v.key, got)
		}
	}
}

// TestTableIsAPermutation finds a slip in the table that the vectors miss.
func TestTableIsAPermutation(t *testing.T) {
	t.Parallel()
	var seen [256]bool
	for _, v := range piTable {
		if seen[v] {
			t.Errorf("%#02x stands twice", v)
		}
		seen[v] = true
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 1, 128).Draw(t, "key")
		b, err := New(key, rapid.IntRange(1, 1024).Draw(t, "bits"))
		if err != nil {
			t.Fatal(err)
		}
		plain := rapid.SliceOfN(rapid.Byte(), BlockSize, BlockSize).Draw(t, "plain")
		got := make([]byte, BlockSize)
		b.Encrypt(got, plain)
		b.Decrypt(got, got)
		if !bytes.Equal(got, plain) {
			t.Fatalf("%x became %x", plain, got)
		}
	})
}

func TestImpossibleKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ length, bits int }{{0, 40}, {129, 40}, {5, 0}, {5, 1025}} {
		if _, err := New(make([]byte, c.length), c.bits); err == nil {
			t.Errorf("%d bytes, %d bits are let in", c.length, c.bits)
		}
	}
}
