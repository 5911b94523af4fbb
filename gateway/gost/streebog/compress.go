package streebog

import "sync"

// table holds what one byte of a word contributes to the word that the
// transformations S, P and L of RFC 6986, section 7, make of it: table[j][v]
// is the product of π(v) at byte j with the matrix of L. With 16 KB it stays in
// the nearest cache.
type table [8][256]uint64

//nolint:gochecknoglobals // a constant table, made when first needed
var tables = sync.OnceValue(func() *table {
	t := new(table)
	for j := range t {
		for v := range t[j] {
			for bit := range 8 {
				if pi[v]>>bit&1 == 1 {
					t[j][v] ^= matrix[63-8*j-bit]
				}
			}
		}
	}
	return t
})

// compress is g_N(h, m) of RFC 6986, section 8, with the result in h. The keys
// of the rounds are made beside the rounds: the processor works on both at
// once, as neither waits for the other.
func (t *table) compress(h, m *words, n uint64) {
	x, k := *m, *h
	t.lpsx(&k, &k, &words{n})
	for i := range constants {
		t.lpsx(&x, &x, &k)
		t.lpsx(&k, &k, &constants[i])
	}
	for i := range h {
		h[i] ^= x[i] ^ k[i] ^ m[i]
	}
}

// lpsx sets out to LPSX[k](x) of RFC 6986, section 8; out may be x or k. P
// transposes the bytes, so word i of the result is made of the bytes i of all
// words. Written as a loop over the words it is a quarter slower.
func (t *table) lpsx(out, x, k *words) {
	a, b, c, d := x[0]^k[0], x[1]^k[1], x[2]^k[2], x[3]^k[3]
	e, f, g, h := x[4]^k[4], x[5]^k[5], x[6]^k[6], x[7]^k[7]
	out[0] = t[0][uint8(a)] ^ t[1][uint8(b)] ^ t[2][uint8(c)] ^ t[3][uint8(d)] ^
		t[4][uint8(e)] ^ t[5][uint8(f)] ^ t[6][uint8(g)] ^ t[7][uint8(h)]
	out[1] = t[0][uint8(a>>8)] ^ t[1][uint8(b>>8)] ^ t[2][uint8(c>>8)] ^ t[3][uint8(d>>8)] ^
		t[4][uint8(e>>8)] ^ t[5][uint8(f>>8)] ^ t[6][uint8(g>>8)] ^ t[7][uint8(h>>8)]
	out[2] = t[0][uint8(a>>16)] ^ t[1][uint8(b>>16)] ^ t[2][uint8(c>>16)] ^ t[3][uint8(d>>16)] ^
		t[4][uint8(e>>16)] ^ t[5][uint8(f>>16)] ^ t[6][uint8(g>>16)] ^ t[7][uint8(h>>16)]
	out[3] = t[0][uint8(a>>24)] ^ t[1][uint8(b>>24)] ^ t[2][uint8(c>>24)] ^ t[3][uint8(d>>24)] ^
		t[4][uint8(e>>24)] ^ t[5][uint8(f>>24)] ^ t[6][uint8(g>>24)] ^ t[7][uint8(h>>24)]
	out[4] = t[0][uint8(a>>32)] ^ t[1][uint8(b>>32)] ^ t[2][uint8(c>>32)] ^ t[3][uint8(d>>32)] ^
		t[4][uint8(e>>32)] ^ t[5][uint8(f>>32)] ^ t[6][uint8(g>>32)] ^ t[7][uint8(h>>32)]
	out[5] = t[0][uint8(a>>40)] ^ t[1][uint8(b>>40)] ^ t[2][uint8(c>>40)] ^ t[3][uint8(d>>40)] ^
		t[4][uint8(e>>40)] ^ t[5][uint8(f>>40)] ^ t[6][uint8(g>>40)] ^ t[7][uint8(h>>40)]
	out[6] = t[0][uint8(a>>48)] ^ t[1][uint8(b>>48)] ^ t[2][uint8(c>>48)] ^ t[3][uint8(d>>48)] ^
		t[4][uint8(e>>48)] ^ t[5][uint8(f>>48)] ^ t[6][uint8(g>>48)] ^ t[7][uint8(h>>48)]
	out[7] = t[0][a>>56] ^ t[1][b>>56] ^ t[2][c>>56] ^ t[3][d>>56] ^
		t[4][e>>56] ^ t[5][f>>56] ^ t[6][g>>56] ^ t[7][h>>56]
}
