// Package kdf derives keys from passwords, in the two ways that keystores know:
// that of RFC 7292, appendix B, and PBKDF2.
package kdf

import (
	"bytes"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"unicode/utf16"
	"unicode/utf8"
)

// BMPString writes a password as RFC 7292, appendix B.1 wants it: UTF-16, big
// endian, with two zero octets at the end. Like OpenSSL it takes what is not
// UTF-8 for Latin-1, and writes characters beyond the first plane as surrogates.
func BMPString(password []byte) []byte {
	// No character takes more octets here than twice those in UTF-8, so that
	// nothing is left behind in memory by growing.
	out := make([]byte, 0, 2*len(password)+2)
	if !utf8.Valid(password) {
		for _, c := range password {
			out = append(out, 0, c)
		}
		return append(out, 0, 0)
	}
	for len(password) > 0 {
		r, n := utf8.DecodeRune(password)
		password = password[n:]
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			out = binary.BigEndian.AppendUint16(out, uint16(high))
			r = low
		}
		out = binary.BigEndian.AppendUint16(out, uint16(r))
	}
	return append(out, 0, 0)
}

// What a key is derived for: the ID of RFC 7292, appendix B.3.
const (
	ForKey = 1
	ForIV  = 2
	ForMAC = 3
)

// PKCS12 is the key derivation of RFC 7292, appendix B.2, whose letters it uses.
// The password is a BMPString, iterations and size (in bytes) are positive.
func PKCS12(newHash func() hash.Hash, id byte, password, salt []byte, iterations, size int) []byte {
	h := newHash()
	u, v := h.Size(), h.BlockSize()
	d := bytes.Repeat([]byte{id}, v)
	s, p := roundUp(len(salt), v), roundUp(len(password), v)
	i := make([]byte, s+p)
	defer clear(i)
	repeat(i[:s], salt)
	repeat(i[s:], password)

	out := make([]byte, 0, roundUp(size, u))
	a := make([]byte, 0, u)
	defer clear(a[:u])
	for len(out) < size {
		h.Reset()
		h.Write(d)
		h.Write(i)
		a = h.Sum(a[:0])
		for range iterations - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		out = append(out, a...)
		for block := i; len(block) > 0; block = block[v:] {
			addAndOne(block[:v], a)
		}
	}
	clear(out[size:])
	return out[:size]
}

// addAndOne adds to a block the octets of a, repeated to its length, and one.
func addAndOne(block, a []byte) {
	carry := 1
	for k := len(block) - 1; k >= 0; k-- {
		sum := int(block[k]) + int(a[k%len(a)]) + carry
		block[k] = byte(sum)
		carry = sum >> 8
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// repeat fills dst with copies of src.
func repeat(dst, src []byte) {
	for len(dst) > 0 {
		dst = dst[copy(dst, src):]
	}
}

// PBKDF2 is the key derivation of RFC 8018, section 5.2. It is our own because
// crypto/pbkdf2 takes the password as a string, which cannot be overwritten.
// Iterations and size (in bytes) are positive.
func PBKDF2(newHash func() hash.Hash, password, salt []byte, iterations, size int) []byte {
	prf := hmac.New(newHash, password)
	out := make([]byte, 0, roundUp(size, prf.Size()))
	u := make([]byte, 0, prf.Size())
	defer clear(u[:prf.Size()])
	for block := uint32(1); len(out) < size; block++ {
		prf.Reset()
		prf.Write(salt)
		prf.Write(binary.BigEndian.AppendUint32(nil, block))
		u = prf.Sum(u[:0])
		out = append(out, u...)
		t := out[len(out)-len(u):]
		for range iterations - 1 {
			prf.Reset()
			prf.Write(u)
			u = prf.Sum(u[:0])
			subtle.XORBytes(t, t, u)
		}
	}
	clear(out[size:])
	return out[:size]
}
