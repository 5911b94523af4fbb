package pki_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

var curves = map[string]func() *gost3410.Curve{"2004": gost3410.CryptoProA, "2015": gost3410.TC26A512}

func spkiOf(t testing.TB, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := pki.MarshalPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func keyFault(err error) pki.KeyFault {
	var e *pki.KeyError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Fault
}

// TestPublicKeyRoundTrip: a key of either algorithm is written and read back.
func TestPublicKeyRoundTrip(t *testing.T) {
	t.Parallel()
	for name, curve := range curves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				d := rapid.SliceOfN(rapid.Byte(), curve().Size(), curve().Size()).Draw(t, "d")
				key, err := gost3410.ParsePrivateKey(curve(), d)
				if err != nil {
					t.Skip("not a number in range")
				}
				der, err := pki.MarshalPublicKey(key.Public())
				if err != nil {
					t.Fatal(err)
				}
				if back, err := pki.ParsePublicKey(der); err != nil || !pki.SameKey(back, key.Public()) {
					t.Fatalf("read back as another: %v", err)
				}
				private, err := pki.MarshalPKCS8(key)
				if err != nil {
					t.Fatal(err)
				}
				if back, err := pki.ParsePKCS8(private); err != nil || !key.Equal(back) {
					t.Fatalf("the private key was read back as another: %v", err)
				}
			})
		})
	}
}

// tlv is DER of a length that one byte can hold, or one behind 0x81.
func tlv(tag byte, content ...[]byte) []byte {
	b := bytes.Join(content, nil)
	if len(b) < 0x80 {
		return append([]byte{tag, byte(len(b))}, b...)
	}
	return append([]byte{tag, 0x81, byte(len(b))}, b...)
}

func oid(t testing.TB, arcs ...int) []byte {
	t.Helper()
	b, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// form is what the encodings of the keys of an algorithm consist of.
type form struct {
	key, curve, digest []byte // identifiers
	size               int
	public             []byte // X and Y
	private            []byte // what the OCTET STRING of PKCS #8 holds
}

func forms(t testing.TB) map[string]form {
	t.Helper()
	out := map[string]form{}
	for name, curve := range curves {
		key := pkitest.GOSTKey(t, curve())
		d, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		f := form{size: curve().Size(), public: key.Public().(*gost3410.PublicKey).Bytes()}
		if name == "2004" {
			f.key, f.curve, f.digest = oid(t, 1, 2, 398, 3, 10, 1, 1, 1, 1), oid(t, 1, 2, 398, 3, 10, 1, 1, 1, 1, 1), oid(t, 1, 2, 398, 3, 10, 1, 3, 1, 1, 0)
			big := []byte{0}
			for i := range d {
				big = append(big, d[len(d)-1-i])
			}
			for len(big) > 1 && big[0] == 0 && big[1] < 0x80 {
				big = big[1:]
			}
			f.private = tlv(2, big)
		} else {
			f.key, f.curve, f.digest = oid(t, 1, 2, 398, 3, 10, 1, 1, 2, 2), oid(t, 1, 2, 398, 3, 10, 1, 1, 2, 2, 1), oid(t, 1, 2, 398, 3, 10, 1, 3, 3)
			f.private = tlv(4, d)
		}
		out[name] = f
	}
	return out
}

func (f form) algorithm() []byte { return tlv(0x30, f.key, tlv(0x30, f.curve, f.digest)) }

func (f form) spki() []byte { return tlv(0x30, f.algorithm(), tlv(3, []byte{0}, tlv(4, f.public))) }

// TestPublicKeyDeviations spoils one thing of a key at a time.
func TestPublicKeyDeviations(t *testing.T) {
	t.Parallel()
	all := forms(t)
	for name, f := range all {
		other := all["2004"]
		if name == "2004" {
			other = all["2015"]
		}
		full := bytes.Repeat([]byte{0xff}, f.size)
		moved := bytes.Clone(f.public)
		moved[0] ^= 1
		with := func(algorithm []byte, rest ...[]byte) []byte {
			return tlv(0x30, append([][]byte{algorithm}, rest...)...)
		}
		key := tlv(3, []byte{0}, tlv(4, f.public))
		for _, tt := range []struct {
			name string
			der  []byte
			want pki.KeyFault
		}{
			{"right", f.spki(), ""},
			{"the other curve", with(tlv(0x30, f.key, tlv(0x30, other.curve, f.digest)), key), pki.KeyParameters},
			{"the other digest", with(tlv(0x30, f.key, tlv(0x30, f.curve, other.digest)), key), pki.KeyParameters},
			{"no digest", with(tlv(0x30, f.key, tlv(0x30, f.curve)), key), pki.KeyParameters},
			{"a third parameter", with(tlv(0x30, f.key, tlv(0x30, f.curve, f.digest, f.digest)), key), pki.KeyParameters},
			{"NULL as parameters", with(tlv(0x30, f.key, tlv(5)), key), pki.KeyParameters},
			{"no parameters", with(tlv(0x30, f.key), key), pki.KeyParameters},
			{"something behind the parameters", with(tlv(0x30, f.key, tlv(0x30, f.curve, f.digest), tlv(5)), key), pki.KeyParameters},
			{"no key", with(f.algorithm()), pki.KeyStructure},
			{"no OCTET STRING", with(f.algorithm(), tlv(3, []byte{0}, f.public)), pki.KeyStructure},
			{"something behind the key", with(f.algorithm(), key, tlv(5)), pki.KeyStructure},
			{"something behind the OCTET STRING", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, f.public), tlv(5))), pki.KeyStructure},
			{"a trailing byte", append(f.spki(), 0), pki.KeyStructure},
			{"bits that are not bytes", with(f.algorithm(), tlv(3, []byte{1}, tlv(4, append(f.public[:2*f.size-1:2*f.size-1], 0)))), pki.KeyStructure},
			{"a byte short", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, f.public[1:]))), pki.KeyLength},
			{"a byte long", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, f.public, []byte{0}))), pki.KeyLength},
			{"empty", with(f.algorithm(), tlv(3, []byte{0}, tlv(4))), pki.KeyLength},
			{"X out of range", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, full, f.public[f.size:]))), pki.KeyRange},
			{"Y out of range", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, f.public[:f.size], full))), pki.KeyRange},
			{"beside the curve", with(f.algorithm(), tlv(3, []byte{0}, tlv(4, moved))), pki.KeyPoint},
		} {
			pub, err := pki.ParsePublicKey(tt.der)
			if got := keyFault(err); got != tt.want || (err == nil) != (tt.want == "") || (pub == nil) != (tt.want != "") {
				t.Errorf("%s, %s: %v", name, tt.name, err)
			}
		}
	}
}

// TestUnknownKeys: other algorithms of the centre and older keys are looked at
// and nothing more.
func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	f := forms(t)["2015"]
	for name, key := range map[string][]byte{
		"256 bits of 2015": oid(t, 1, 2, 398, 3, 10, 1, 1, 2, 1),
		"Tumar":            oid(t, 1, 3, 6, 1, 4, 1, 6801, 1, 2, 2),
		"Russian":          oid(t, 1, 2, 643, 7, 1, 1, 1, 2),
	} {
		f.key = key
		if pub, err := pki.ParsePublicKey(f.spki()); pub != nil || err != nil {
			t.Errorf("%s: %v, %v", name, pub, err)
		}
	}
	if pub, err := pki.ParsePublicKey([]byte("no key")); pub != nil || err != nil {
		t.Errorf("%v, %v", pub, err)
	}
}

// TestPKCS8Deviations spoils one thing of a private key at a time.
func TestPKCS8Deviations(t *testing.T) {
	t.Parallel()
	all := forms(t)
	for name, f := range all {
		other := all["2004"]
		if name == "2004" {
			other = all["2015"]
		}
		version, none := tlv(2, []byte{0}), tlv(0xa0)
		full, zero := tlv(4, bytes.Repeat([]byte{0xff}, f.size)), tlv(4, make([]byte, f.size))
		short, long := tlv(4, make([]byte, f.size-1)), tlv(4, make([]byte, f.size+1))
		if name == "2004" {
			full, zero = tlv(2, []byte{0}, bytes.Repeat([]byte{0xff}, f.size)), tlv(2, []byte{0})
			short, long = tlv(2), tlv(2, []byte{1}, make([]byte, f.size))
		}
		key := func(parts ...[]byte) []byte { return tlv(0x30, parts...) }
		for _, tt := range []struct {
			name string
			der  []byte
			want pki.KeyFault
		}{
			{"right", key(version, f.algorithm(), tlv(4, f.private)), ""},
			{"with attributes", key(version, f.algorithm(), tlv(4, f.private), none), ""},
			{"another version", key(tlv(2, []byte{1}), f.algorithm(), tlv(4, f.private)), pki.KeyStructure},
			{"the other's form", key(version, f.algorithm(), tlv(4, other.private)), pki.KeyStructure},
			{"the number bare", key(version, f.algorithm(), tlv(4, f.private[2:])), pki.KeyStructure},
			{"something behind the number", key(version, f.algorithm(), tlv(4, f.private, none)), pki.KeyStructure},
			{"something behind the key", key(version, f.algorithm(), tlv(4, f.private), tlv(0xa1)), pki.KeyStructure},
			{"a trailing byte", append(key(version, f.algorithm(), tlv(4, f.private)), 0), pki.KeyStructure},
			{"no key", key(version, f.algorithm()), pki.KeyStructure},
			{"other parameters", key(version, tlv(0x30, f.key, tlv(0x30, other.curve, f.digest)), tlv(4, f.private)), pki.KeyParameters},
			{"out of range", key(version, f.algorithm(), tlv(4, full)), pki.KeyRange},
			{"zero", key(version, f.algorithm(), tlv(4, zero)), pki.KeyRange},
			{"too short", key(version, f.algorithm(), tlv(4, short)), pki.KeyLength},
			{"too long", key(version, f.algorithm(), tlv(4, long)), pki.KeyLength},
		} {
			got, err := pki.ParsePKCS8(tt.der)
			if keyFault(err) != tt.want || (err == nil) != (tt.want == "") || (got == nil) != (tt.want != "") || err != nil && !errors.Is(err, pki.ErrPrivateKey) {
				t.Errorf("%s, %s: %v", name, tt.name, err)
			}
		}
	}
	f := all["2004"]
	for name, number := range map[string][]byte{
		"negative":             tlv(2, bytes.Repeat([]byte{0x80}, 32)),
		"a zero more in front": tlv(2, []byte{0}, bytes.Repeat([]byte{0x11}, 32)),
	} {
		if _, err := pki.ParsePKCS8(tlv(0x30, tlv(2, []byte{0}), f.algorithm(), tlv(4, number))); keyFault(err) != pki.KeyRange {
			t.Errorf("INTEGER %s: %v", name, err)
		}
	}
	for _, der := range [][]byte{nil, {0x30, 0}, []byte("no key")} {
		if _, err := pki.ParsePKCS8(der); !errors.Is(err, pki.ErrPrivateKey) {
			t.Errorf("%x: %v", der, err)
		}
	}
}

// TestPKCS8Families: a key of every family is read back, from PEM too, and the
// input is left as it was.
func TestPKCS8Families(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.Keys(t) {
		der, err := pki.MarshalPKCS8(key)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(der)
		back, err := pki.ParsePKCS8(der)
		if err != nil || !pki.SameKey(back.Public(), key.Public()) || !bytes.Equal(der, before) {
			t.Errorf("%s: %v", name, err)
		}
		if back, err := pki.ParseKey([]byte(block("PRIVATE KEY", der))); err != nil || !pki.SameKey(back.Public(), key.Public()) {
			t.Errorf("%s from PEM: %v", name, err)
		}
	}
	wiped := pkitest.GOSTKey(t, gost3410.CryptoProA())
	wiped.Destroy()
	if der, err := pki.MarshalPKCS8(wiped); !errors.Is(err, gost3410.ErrDestroyed) || der != nil {
		t.Errorf("a wiped key was written: %v", err)
	}
}

// FuzzPublicKey: a national key that is read is written as it was.
func FuzzPublicKey(f *testing.F) {
	for _, form := range forms(f) {
		f.Add(form.spki())
	}
	f.Add(spkiOf(f, pkitest.ECKey(f).Public()))
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		pub, err := pki.ParsePublicKey(der)
		if err != nil {
			if keyFault(err) == "" || pub != nil {
				t.Fatalf("refused otherwise: %v", err)
			}
			return
		}
		if k, ok := pub.(*gost3410.PublicKey); ok {
			if back := spkiOf(t, k); !bytes.Equal(back, der) {
				t.Fatalf("read %x, written %x", der, back)
			}
		}
	})
}

// FuzzPKCS8: a national key that is read is the one that is written.
func FuzzPKCS8(f *testing.F) {
	for _, form := range forms(f) {
		f.Add(tlv(0x30, tlv(2, []byte{0}), form.algorithm(), tlv(4, form.private)))
	}
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := pki.ParsePKCS8(der)
		if err != nil {
			if !errors.Is(err, pki.ErrPrivateKey) || key != nil {
				t.Fatalf("refused otherwise: %v", err)
			}
			return
		}
		if k, ok := key.(*gost3410.PrivateKey); ok {
			again, err := pki.MarshalPKCS8(k)
			if err != nil {
				t.Fatal(err)
			}
			// Attributes are read over and not written again.
			if back, err := pki.ParsePKCS8(again); err != nil || !k.Equal(back) || len(again) > len(der) {
				t.Fatalf("written as another key: %v", err)
			}
		}
	})
}
