package streebog

import (
	"bytes"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/kopir-kz/kopir/gateway/gost/internal/hashtest"
)

// messages of RFC 6986, section 10, which prints them and their digests from
// the last byte to the first.
func messages(t *testing.T) []struct{ name, text, sum512, sum256 string } {
	t.Helper()
	slovo, err := charmap.Windows1251.NewEncoder().String("Се ветри, Стрибожи внуци, веютъ с моря стрелами на храбрыя плъкы Игоревы")
	if err != nil {
		t.Fatal(err)
	}
	return []struct{ name, text, sum512, sum256 string }{
		{
			"M1, less than a block", strings.Repeat("0123456789", 6) + "012",
			"486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b",
			"00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d",
		},
		{
			"M2, more than a block", slovo,
			"28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f037613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e",
			"508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d",
		},
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, m := range messages(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			long, short := Sum512([]byte(m.text)), Sum256([]byte(m.text))
			for _, c := range []struct {
				name string
				got  []byte
				want string
			}{
				{"Sum512", long[:], m.sum512},
				{"Sum256", short[:], m.sum256},
				{"New512", hashtest.Of(New512(), []byte(m.text)), m.sum512},
				{"New256", hashtest.Of(New256(), []byte(m.text)), m.sum256},
			} {
				slices.Reverse(c.got)
				if got := hex.EncodeToString(c.got); got != c.want {
					t.Errorf("%s: from the last byte on\n%s, want\n%s", c.name, got, c.want)
				}
			}
		})
	}
}

// TestHash counts allocations, so it is not parallel.
func TestHash(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			hashtest.Run(t, v.newHash, func(m []byte) []byte { return model(m, v.size) })
			if h := v.newHash(); h.Size() != v.size || h.BlockSize() != BlockSize {
				t.Errorf("lengths %d and %d, want %d and %d", h.Size(), h.BlockSize(), v.size, BlockSize)
			}
		})
	}
	data := hashtest.Bytes(64 << 10)
	if n := testing.AllocsPerRun(10, func() { _, _ = Sum512(data), Sum256(data) }); n > 0 {
		t.Errorf("Sum512 and Sum256: %.0f allocations", n)
	}
}

func TestOpenSSL(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			hashtest.OpenSSL(t, v.openssl, v.newHash)
		})
	}
}

// FuzzModel: whatever is hashed, in whatever two pieces, the model has the same
// digest.
func FuzzModel(f *testing.F) {
	f.Add([]byte{}, uint(0))
	f.Add([]byte(strings.Repeat("0123456789", 20)), uint(63))
	f.Add(bytes.Repeat([]byte{0xff}, 128), uint(64))
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		at := min(int(cut%(2*BlockSize)), len(data))
		for _, v := range variants {
			h := v.newHash()
			_, _ = h.Write(data[:at])
			_, _ = h.Write(data[at:])
			if got, want := h.Sum(nil), model(data, v.size); !bytes.Equal(got, want) {
				t.Errorf("%s of %x cut at %d\nis   %x\nwant %x", v.name, data, at, got, want)
			}
		}
	})
}

func BenchmarkStreebog(b *testing.B) {
	for _, v := range variants {
		b.Run(v.name, func(b *testing.B) { hashtest.Bench(b, v.newHash()) })
	}
}

var variants = []struct {
	name, openssl string
	size          int
	newHash       func() hash.Hash
}{
	{"512", "md_gost12_512", Size, New512},
	{"256", "md_gost12_256", Size256, New256},
}
