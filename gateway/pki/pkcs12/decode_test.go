package pkcs12_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	algorithm, text := encrypt(aKey)
	names := [][]byte{named(friendlyName, bmp("Сынақ 🔑")), named(localKeyID, octet([]byte{1, 2})), named(madeUp, number(1), number(2))}
	encryptedKey := bag(shroudedBag, seq(algorithm, octet(text)), names...)
	certAlgorithm, certText := encrypt(seq(certificateBag(aCertificate, names...)))
	indefinite := append(append([]byte{0x30, 0x80}, encryptedKey...), 0, 0)
	plainKey := bag(keyBag, aKey, names...)
	for _, c := range []struct {
		name        string
		content     []byte
		keys, certs int
	}{
		{"nothing", seq(), 0, 0},
		{"no bags", seq(plainPart(seq())), 0, 0},
		{"a key in the clear", seq(plainPart(seq(plainKey))), 1, 0},
		{"an encrypted key and certificate", seq(plainPart(seq(encryptedKey)), encryptedPart(certAlgorithm, certText)), 1, 1},
		{"three keys", seq(plainPart(seq(encryptedKey, plainKey)), plainPart(seq(plainKey))), 3, 0},
		{"contents in BER", seq(plainPart(indefinite)), 1, 0},
		{"bags in bags", seq(plainPart(seq(bag(safeBag, seq(plainKey, bag(safeBag, seq(certificateBag(aCertificate, names...)))))))), 1, 1},
		{"bags of other kinds", seq(plainPart(seq(
			bag(crlBag, seq(number(1))), bag(secretBag, seq(number(1))), bag(madeUp, seq(number(1))),
			bag(certBag, seq(oid(sdsiCert), explicit(octet(aCertificate)))), plainKey))), 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sealed(c.content))
			if len(s.Keys) != c.keys || len(s.Certificates) != c.certs {
				t.Fatalf("%d keys, %d certificates", len(s.Keys), len(s.Certificates))
			}
			for _, by := range append(s.Encryption, s.MAC) {
				if want := map[bool]string{true: "HMAC-SHA-256", false: "PBES2 AES-256"}[by == s.MAC]; by != (pkcs12.Scheme{Name: want, Iterations: 1}) {
					t.Errorf("protected by %v", by)
				}
			}
			check := func(a pkcs12.Attributes) {
				if a.FriendlyName != "Сынақ 🔑" || !bytes.Equal(a.LocalKeyID, []byte{1, 2}) {
					t.Errorf("named %q, %x", a.FriendlyName, a.LocalKeyID)
				}
			}
			for _, k := range s.Keys {
				if !bytes.Equal(k.PKCS8, aKey) {
					t.Errorf("the key is %x", []byte(k.PKCS8))
				}
				check(k.Attributes)
			}
			for _, k := range s.Certificates {
				if !bytes.Equal(k.DER, aCertificate) {
					t.Errorf("the certificate is %x", k.DER)
				}
				check(k.Attributes)
			}
		})
	}
}

// TestSegments: encryptedContent may be cut, as in the keystores of the national
// centre.
func TestSegments(t *testing.T) {
	t.Parallel()
	algorithm, text := encrypt(seq(certificateBag(aCertificate)))
	part := seq(oid(encryptedData), explicit(seq(number(0), seq(oid(data), algorithm, tlv(0xa0, octet(text[:5]), octet(text[5:]))))))
	if s := open(t, sealed(seq(part))); len(s.Certificates) != 1 {
		t.Error("no certificate")
	}
}

// TestKeyInBERBecomesDER, and what was decrypted does not stay the key.
func TestKeyInBERBecomesDER(t *testing.T) {
	t.Parallel()
	loose := append([]byte{0x30, 0x80}, append(bytes.Clone(aKey[2:]), 0, 0)...)
	if s := open(t, one(bag(keyBag, loose))); !bytes.Equal(s.Keys[0].PKCS8, aKey) {
		t.Errorf("the key is %x", []byte(s.Keys[0].PKCS8))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	algorithm, text := encrypt(aKey)
	shrouded := func(algorithm, text []byte) []byte { return one(bag(shroudedBag, seq(algorithm, octet(text)))) }
	iv := make([]byte, 16)
	pbe := func(iterations any) []byte { return seq(oid(pbe3DES), seq(octet(salt), number(iterations))) }
	huge := new(big.Int).Lsh(big.NewInt(1), 200)
	mac := func(name string, iterations any) []byte {
		return store(seq(), seq(seq(seq(oid(name), tlv(5)), octet(salt)), octet(salt), number(iterations)))
	}
	pbmac1 := func(kdf []byte) []byte {
		return store(seq(), seq(seq(seq(oid(pbmac1OID), seq(kdf, seq(oid(hmacSHA256)))), octet(salt)), octet(salt)))
	}
	key := func(der []byte) []byte { return one(bag(keyBag, der)) }
	nested := seq()
	for range 5 {
		nested = seq(bag(safeBag, nested))
	}
	for _, c := range []struct {
		name  string
		in    []byte
		want  pkcs12.Reason
		words string
	}{
		{"empty", nil, pkcs12.Damaged, "truncated"},
		{"text", []byte("-----BEGIN CERTIFICATE-----"), pkcs12.Damaged, ""},
		{"a certificate", aCertificate, pkcs12.Damaged, ""},
		{"bytes behind it", append(one(bag(keyBag, aKey)), 0), pkcs12.Damaged, "trailing"},
		{"version 4", seq(number(4), seq(oid(data), explicit(octet(seq()))), seq()), pkcs12.Damaged, ""},
		{"protected by a signature", seq(number(3), seq(oid("1.2.840.113549.1.7.2"), explicit(seq())), seq(seq(seq(oid(sha1OID)), octet(salt)), octet(salt))), pkcs12.Unsupported, "1.2.840.113549.1.7.2"},
		{"no MAC", store(seq(), nil), pkcs12.NoMAC, ""},
		{"no content", seq(number(3), seq(oid(data)), seq(seq(seq(oid(sha1OID)), octet(salt)), octet(salt))), pkcs12.Damaged, ""},

		{"MAC by MD5", mac("1.2.840.113549.2.5", 1), pkcs12.Unsupported, "1.2.840.113549.2.5"},
		{"a MAC of ten to the ninth iterations", mac(sha1OID, 1_000_000_000), pkcs12.TooManyIterations, "1000000"},
		{"a MAC of two to the two hundredth", mac(sha1OID, huge), pkcs12.TooManyIterations, ""},
		{"a MAC of no iterations", mac(sha1OID, 0), pkcs12.Damaged, "without iterations"},
		{"a MAC of negative iterations", mac(sha1OID, -1), pkcs12.Damaged, "without iterations"},
		{"a MAC of other content", mac(sha1OID, 1), pkcs12.WrongPassword, ""},
		{"PBMAC1 without the length of its key", pbmac1(stretch(1)), pkcs12.Damaged, ""},
		{"PBMAC1 with a short key", pbmac1(stretch(1, number(19))), pkcs12.Damaged, ""},
		{"PBMAC1 with a huge key", pbmac1(stretch(1, number(1<<30))), pkcs12.Damaged, ""},
		{"PBMAC1 with too many iterations", pbmac1(stretch(1_000_001, number(32))), pkcs12.TooManyIterations, ""},

		{"a part of another type", sealed(seq(seq(oid(madeUp), explicit(seq())))), pkcs12.Unsupported, madeUp},
		{"an encrypted part of another type", sealed(seq(seq(oid(encryptedData), explicit(seq(number(0), seq(oid(madeUp), algorithm, tlv(0x80))))))), pkcs12.Unsupported, madeUp},
		{"an encrypted part of no segments", sealed(seq(seq(oid(encryptedData), explicit(seq(number(0), seq(oid(data), algorithm, tlv(0xa0, number(1)))))))), pkcs12.Damaged, ""},
		{"an encrypted part without text", sealed(seq(encryptedPart(algorithm, nil))), pkcs12.Damaged, ""},
		{"RC4", shrouded(seq(oid("1.2.840.113549.1.12.1.1"), seq(octet(salt), number(1))), text), pkcs12.Unsupported, "1.2.840.113549.1.12.1.1"},
		{"another cipher in PBES2", shrouded(pbes2(stretch(1), madeUp, iv), text), pkcs12.Unsupported, madeUp},
		{"another derivation in PBES2", shrouded(pbes2(seq(oid("1.3.6.1.4.1.11591.4.11"), seq()), aes256CBC, iv), text), pkcs12.Unsupported, "1.3.6.1.4.1.11591.4.11"},
		{"another function in PBKDF2", shrouded(pbes2(seq(oid(pbkdf2OID), seq(octet(salt), number(1), seq(oid(madeUp)))), aes256CBC, iv), text), pkcs12.Unsupported, madeUp},
		{"a salt from elsewhere", shrouded(pbes2(seq(oid(pbkdf2OID), seq(seq(oid(madeUp)), number(1))), aes256CBC, iv), text), pkcs12.Damaged, ""},
		{"an initial vector of 8 bytes", shrouded(pbes2(stretch(1), aes256CBC, iv[:8]), text), pkcs12.Damaged, "initial vector"},
		{"a key of another length", shrouded(pbes2(stretch(1, number(16)), aes256CBC, iv), text), pkcs12.Damaged, "length"},
		{"text of half a block", shrouded(algorithm, text[:24]), pkcs12.Damaged, "block"},
		{"a MAC of PBMAC1 without parameters", store(seq(), seq(seq(seq(oid(pbmac1OID)), octet(salt)), octet(salt))), pkcs12.Damaged, ""},
		{"PBMAC1 by another function", store(seq(), seq(seq(seq(oid(pbmac1OID), seq(stretch(1, number(32)), seq(oid(madeUp)))), octet(salt)), octet(salt))), pkcs12.Unsupported, madeUp},
		{"PBES2 without parameters", shrouded(seq(oid(pbes2OID)), text), pkcs12.Damaged, ""},
		{"a bag that holds a number", one(bag(shroudedBag, number(1))), pkcs12.Damaged, ""},
		{"a certificate bag that holds a number", one(bag(certBag, number(1))), pkcs12.Damaged, ""},
		{"a part that holds a number", sealed(seq(plainPart(number(1)))), pkcs12.Damaged, ""},
		{"an encrypted part that holds a number", sealed(seq(seq(oid(encryptedData), explicit(number(1))))), pkcs12.Damaged, ""},
		{"too many iterations of PBES2", shrouded(pbes2(stretch(1_000_000_000), aes256CBC, iv), text), pkcs12.TooManyIterations, ""},
		{"too many iterations of 3DES", shrouded(pbe(1_000_000_000), text), pkcs12.TooManyIterations, ""},
		{"parameters are missing", shrouded(seq(oid(pbe3DES)), text), pkcs12.Damaged, ""},

		{"a key that is text", key([]byte("\x0c\x03key")), pkcs12.Damaged, ""},
		{"a key with bytes behind it", key(append(bytes.Clone(aKey), 5, 0)), pkcs12.Damaged, "trailing"},
		{"a key that is a number", key(seq(number(0), seq(oid(madeUp)), number(7))), pkcs12.Damaged, "OCTET STRING"},
		{"a key without an algorithm", key(seq(number(0), octet(salt), octet(salt))), pkcs12.Damaged, ""},
		{"a certificate that is text", one(certificateBag([]byte("\x0c\x03crt"))), pkcs12.Damaged, "SEQUENCE"},
		{"a certificate with bytes behind it", one(certificateBag(append(bytes.Clone(aCertificate), 0))), pkcs12.Damaged, ""},
		{"a name twice", one(bag(keyBag, aKey, named(friendlyName, bmp("a")), named(friendlyName, bmp("b")))), pkcs12.Damaged, "attribute"},
		{"two values of a name", one(bag(keyBag, aKey, named(friendlyName, bmp("a"), bmp("b")))), pkcs12.Damaged, "attribute"},
		{"a name without value", one(bag(keyBag, aKey, named(localKeyID))), pkcs12.Damaged, "attribute"},
		{"a name that is a number", one(bag(keyBag, aKey, named(friendlyName, number(1)))), pkcs12.Damaged, ""},
		{"half a character", one(bag(keyBag, aKey, named(friendlyName, tlv(30, []byte{4})))), pkcs12.Damaged, ""},

		{"bags nested five deep", sealed(seq(plainPart(nested))), pkcs12.TooDeep, "4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.in, pkcs12.Limits{}, c.want, c.words)
		})
	}
}

// TestLimits: what just keeps a limit is let in, and what breaks it is named.
func TestLimits(t *testing.T) {
	t.Parallel()
	two := sealed(seq(plainPart(seq(bag(keyBag, aKey), bag(madeUp, seq())))))
	inBag := one(bag(safeBag, seq(bag(keyBag, aKey))))
	algorithm, text := encrypt(aKey)
	shrouded := bag(shroudedBag, seq(algorithm, octet(text)))
	five := sealed(seq(plainPart(seq(shrouded, shrouded, shrouded, shrouded))))
	for _, c := range []struct {
		name      string
		in        []byte
		good, bad pkcs12.Limits
		want      pkcs12.Reason
	}{
		{"bytes", two, pkcs12.Limits{Bytes: len(two)}, pkcs12.Limits{Bytes: len(two) - 1}, pkcs12.TooLarge},
		{"bags", two, pkcs12.Limits{Bags: 3}, pkcs12.Limits{Bags: 2}, pkcs12.TooLarge},
		{"bags in bags count", inBag, pkcs12.Limits{Bags: 3}, pkcs12.Limits{Bags: 2}, pkcs12.TooLarge},
		{"depth", one(bag(safeBag, seq(bag(safeBag, seq())))), pkcs12.Limits{Depth: 2}, pkcs12.Limits{Depth: 1}, pkcs12.TooDeep},
		{"iterations in all", five, pkcs12.Limits{Iterations: 2}, pkcs12.Limits{Iterations: 1}, pkcs12.TooManyIterations},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := pkcs12.Decode(c.in, []byte(password), c.good); err != nil {
				t.Error(err)
			}
			expect(t, c.in, c.bad, c.want, "")
		})
	}
}

// TestBombs: a small file that asks for much is refused by the rule that bounds
// it, before the password is looked at and behind the MAC.
func TestBombs(t *testing.T) {
	t.Parallel()
	const many = 400_000
	deep := bytes.Repeat([]byte{0x30, 0x80}, many)
	wide := append(append([]byte{0x30, 0x80}, bytes.Repeat([]byte{5, 0}, many)...), 0, 0)
	for _, c := range []struct {
		name string
		in   []byte
		want pkcs12.Reason
	}{
		{"nested", deep, pkcs12.TooDeep},
		{"nested behind the MAC", sealed(deep), pkcs12.TooDeep},
		{"nested in a part", sealed(seq(plainPart(deep))), pkcs12.TooDeep},
		{"nested in a key", one(bag(keyBag, deep[:2000])), pkcs12.TooDeep},
		{"elements", wide, pkcs12.TooLarge},
		{"elements behind the MAC", sealed(wide), pkcs12.TooLarge},
		{"bags", sealed(seq(plainPart(seq(bytes.Repeat(bag(madeUp, seq()), 10_000))))), pkcs12.TooLarge},
		{"parts", sealed(seq(bytes.Repeat(plainPart(seq()), 10_000))), pkcs12.TooLarge},
		{"a length of two gigabytes", []byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 2, 1, 3}, pkcs12.Damaged},
		{"no end", deep[:64], pkcs12.Damaged},
		{"a file of two mebibytes", make([]byte, 2<<20), pkcs12.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.in, pkcs12.Limits{}, c.want, "")
		})
	}
}

// TestNothingIsShown: neither printers nor encoders show a key, and no refusal
// shows the password or the content.
func TestNothingIsShown(t *testing.T) {
	t.Parallel()
	s := open(t, one(bag(keyBag, aKey)))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "keystore", s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "keystore", s.Keys[0])
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %x %s", s, *s, *s, s.Keys[0], s.Keys)
	for _, secret := range []string{"made-up", "6d6164652d7570", "YSBtYWRlLXVw", "109 97 100 101"} {
		if strings.Contains(shown, secret) {
			t.Errorf("shown: %s", shown)
		}
	}
	if !strings.Contains(shown, "***") {
		t.Error("no mask is shown, so that the test proves nothing")
	}
	_, err = pkcs12.Decode(one(bag(keyBag, seq(number(0), seq(oid(madeUp)), tlv(12, []byte("made-up"))))), []byte(password), pkcs12.Limits{})
	if err == nil || strings.Contains(err.Error(), "made-up") || strings.Contains(err.Error(), password) {
		t.Errorf("the refusal is %v", err)
	}
}

func TestDestroy(t *testing.T) {
	t.Parallel()
	s := open(t, one(bag(keyBag, aKey)))
	key := s.Keys[0].PKCS8
	s.Destroy()
	if len(s.Keys) != 0 || !bytes.Equal(key, make([]byte, len(key))) {
		t.Errorf("%d keys are left, the first is %x", len(s.Keys), []byte(key))
	}
}

// TestInputStays: password and file are the caller's.
func TestInputStays(t *testing.T) {
	t.Parallel()
	file := one(bag(keyBag, aKey))
	before, secret := bytes.Clone(file), []byte(password)
	if _, err := pkcs12.Decode(file, secret, pkcs12.Limits{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, before) || string(secret) != password {
		t.Error("file or password was changed")
	}
	var v asn1.RawValue
	if _, err := asn1.Unmarshal(aKey, &v); err != nil || len(v.FullBytes) != len(aKey) {
		t.Error("the key of the kit was changed")
	}
}
