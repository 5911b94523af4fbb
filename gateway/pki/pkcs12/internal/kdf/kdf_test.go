package kdf_test

import (
	"bytes"
	std "crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/kdf"
)

// qwerty is the password Qwerty12 as a BMPString.
const qwerty = "005100770065007200740079003100320000"

// What openssl kdf says, in the form
//
//	openssl kdf -keylen … -kdfopt digest:… -kdfopt hexpass:… -kdfopt hexsalt:… -kdfopt iter:… -kdfopt id:… PKCS12KDF
var derivations = []struct {
	name       string
	hash       func() hash.Hash
	id         byte
	password   string
	salt       string
	iterations int
	want       string
}{
	{"key of 3DES", sha1.New, 1, qwerty, "0102030405060708", 1024, "52d776ac8206efb6b66c203852659a9b7f1fa991180bfcbc"},
	{"initial vector", sha1.New, 2, qwerty, "0102030405060708", 1024, "1441313cdadbae22"},
	{"key of the MAC", sha1.New, 3, qwerty, "0102030405060708", 1024, "0b0caa6e4dfe772b65ae69b6c105cec1d1616010"},
	{"no salt, one iteration", sha1.New, 3, qwerty, "", 1, "64b0ba403f11e051307df981c9a887add8eb057a"},
	{"no password", sha1.New, 1, "", "0102030405060708", 5, "af9c402523336e1a3d6916b82fbfbdde2cc0995fd2d0d49742b1fdad12985fff12e662a40edcd3bd2a"},
	{"empty password", sha256.New, 3, "0000", "0102030405060708", 2048, "878f85ff6db5c92f2da873fdb0ecae4bdc9dcc3cb5faf9226d10ee23af02546a"},
	{
		"password and salt longer than a block", sha1.New, 1, strings.Repeat("0421044b043d0430049b", 7) + "0000",
		strings.Repeat("00", 69) + "07", 5,
		"2a9f16eb4562f83b5418d20c6ff765136b5da2d32af514dced511a7c6aceb469a9cf11236c53f1dcb341e9f60e6d7d21545d7741ebce252c" +
			"c39ee21bee9eb39efa4b42765a001b784a0e99fa45e636c2dfa1ca1014af46b357afb8c688782628fed4f85c",
	},
	{"SHA-224", sha256.New224, 3, qwerty, "0102030405060708", 2, "f574b343166d2311b9039b10fd7e46eb6d8f58eaeb0cd8bcb08a1dd2"},
	{
		"SHA-256, three blocks", sha256.New, 1, qwerty, "0102030405060708", 3,
		"0f82f88ee3285fdcb8953ca419aa1a3ff629d6470d653d0cf889594c971cee8d6eafc18c31b9aad58f9918e924e1746259f2c39b14495767d37c4311b7ef93810bf3ff4d6dd3",
	},
	{"SHA-384", sha512.New384, 3, qwerty, "0102030405060708", 2, "2583e377a8c35db6c30368596b21bca388e0328ad294bb02eeb1b7898c2b2fd10a28a711c52f04cd819514f99323e6c6"},
	{
		"SHA-512, four blocks", sha512.New, 3, qwerty, "0102030405060708", 2,
		"4c81e62875ed3f30f49ef28859349af5ad9875c917c1a6f3e32a817840d9b8c926e84ed12ae6a3ec5516e51ceb5a4b66cf6e3c29f5ed8293ed052852cae247cf" +
			"6270edd9b5c2b5799bd9c55216720d88e1c17c108ad91ec5f5d27ff9824eaaf6c248d98b19b1587799f6d29640bab529b66e76588941a9f7711404451b33fc8e" +
			"13f742cbdbfbdedfa230580843c47b5c3e6d7df30d142bfec8d145c4be5dbfc2ab9e0e483a3d584708fb015a51a105dc7c76cfacea5e68fbea20fbd94536877b" +
			"aefcbb17a0bb0592",
	},
}

func TestPKCS12(t *testing.T) {
	t.Parallel()
	for _, c := range derivations {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := unhex(t, c.want)
			got := kdf.PKCS12(c.hash, c.id, unhex(t, c.password), unhex(t, c.salt), c.iterations, len(want))
			if !bytes.Equal(got, want) {
				t.Errorf("got %x", got)
			}
		})
	}
}

func TestBMPString(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"Qwerty12":     qwerty,
		"":             "0000",
		"Сынақ":        "0421044b043d0430049b0000",
		"🔑":            "d83ddd110000",
		"a\xff":        "006100ff0000", // Latin-1, because it is not UTF-8
		"\xed\xa0\x80": "00ed00a000800000",
	} {
		if got := kdf.BMPString([]byte(password)); hex.EncodeToString(got) != want {
			t.Errorf("%q became %x", password, got)
		}
	}
}

// TestPBKDF2 holds our own against that of the standard library.
func TestPBKDF2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.SampledFrom([]func() hash.Hash{sha1.New, sha256.New, sha512.New}).Draw(t, "hash")
		password := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "password")
		salt := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "salt")
		n := rapid.IntRange(1, 5).Draw(t, "iterations")
		size := rapid.IntRange(1, 150).Draw(t, "size")
		want, err := std.Key(h, string(password), salt, n, size)
		if err != nil {
			t.Fatal(err)
		}
		if got := kdf.PBKDF2(h, password, salt, n, size); !bytes.Equal(got, want) {
			t.Fatalf("%x instead of %x", got, want)
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
