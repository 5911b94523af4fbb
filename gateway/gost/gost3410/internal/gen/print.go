package main

import (
	"fmt"
	"math/big"
	"strings"
)

// constants prints the figures of the curve and what follows from them.
func constants(p *printer, c curve, n int) {
	one := big.NewInt(1)
	r := new(big.Int).Lsh(one, uint(c.bits))
	prime := new(big.Int).Sub(r, big.NewInt(c.c))
	q := number(c.q)
	word := new(big.Int).Lsh(one, 64)
	inverse := new(big.Int).ModInverse(q, word)
	ones := new(big.Int).Sub(r, one)
	square := new(big.Int).Mul(r, r)

	p.line("var (")
	p.line("// p%d is the modulus of the field, generator%[1]d the point G.", c.bits)
	p.line("p%d = element%[1]d%s", c.bits, array(prime, n))
	p.line("generator%d = affine%[1]d{", c.bits)
	p.line("x: element%d%s,", c.bits, array(number(c.x), n))
	p.line("y: element%d%s,", c.bits, array(number(c.y), n))
	p.line("}\n")
	p.line("// order%d is q, the order of G; orderOnes%[1]d is 2^%[1]d − 1 and orderSquare%[1]d", c.bits)
	p.line("// 2^%d, both modulo q.", 2*c.bits)
	p.line("order%d = scalar%[1]d%s", c.bits, array(q, n))
	p.line("orderOnes%d = scalar%[1]d%s", c.bits, array(ones.Mod(ones, q), n))
	p.line("orderSquare%d = scalar%[1]d%s", c.bits, array(square.Mod(square, q), n))
	p.line(")\n")

	const low = 10 // bits below the run of ones
	p.line("const (")
	p.line("// orderInverse%d is −1/q modulo 2^64.", c.bits)
	p.line("orderInverse%d uint64 = %#x\n", c.bits, inverse.Sub(word, inverse).Uint64())
	p.line("// p − 2 is inverseRun%d bits of one and the %d bits inverseLow%[1]d.", c.bits, low)
	p.line("inverseRun%d, inverseLow%[1]d = %d, %d", c.bits, c.bits-low, 1<<low-c.c-2)
	p.line(")\n")
}

// limbNames is "r0, r1, …".
func limbNames(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("r%d", i)
	}
	return strings.Join(names, ", ")
}

// step prints one product of limbs, added to limb r, or put there if it is the
// first, with what the product before it carried, if there was one.
func (p *printer) step(r int, x, y string, first, carried bool) {
	switch {
	case first && !carried:
		p.line("k, r%d = bits.Mul64(%s, %s)", r, x, y)
	case first:
		p.line("r%d, k = mulAdd(%s, %s, k)", r, x, y)
	case !carried:
		p.line("r%d, k = mulAdd(%s, %s, r%[1]d)", r, x, y)
	default:
		p.line("r%d, k = mulAddAdd(%s, %s, r%[1]d, k)", r, x, y)
	}
}

func limb(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }

// product prints x·y into the limbs r, row by row, so that few of them are in
// use at a time.
func (p *printer) product(n int) {
	p.line("var %s, k uint64", limbNames(2*n))
	for i := range n {
		for j := range n {
			p.step(i+j, limb("x", j), limb("y", i), i == 0, j > 0)
		}
		p.line("r%d = k", i+n)
	}
}

// square prints x² into the limbs r: the products of different limbs once,
// column by column, which at eight limbs is the faster way here; then they are
// doubled, and those of equal limbs added.
func (p *printer) square(n int) {
	p.line("var %s, k, a0, a1, a2 uint64", limbNames(2*n))
	for column := 1; column < 2*n-2; column++ {
		for i := max(0, column-n+1); 2*i < column; i++ {
			top := "a2"
			if column == 2*n-3 {
				top = "_" // x² has no more limbs
			}
			p.line("a0, a1, %s = accumulate(a0, a1, a2, x[%d], x[%d])", top, i, column-i)
		}
		if column < 2*n-3 {
			p.line("r%d, a0, a1, a2 = a0, a1, a2, 0", column)
		}
	}
	p.line("r%d, r%d = a0, a1", 2*n-3, 2*n-2)
	p.line("r%d = r%d >> 63", 2*n-1, 2*n-2)
	for i := 2*n - 2; i > 1; i-- {
		p.line("r%d = r%[1]d<<1 | r%d>>63", i, i-1)
	}
	p.line("r1 <<= 1")
	p.line("var h, l, c uint64")
	for i := range n {
		p.line("h, l = bits.Mul64(x[%d], x[%[1]d])", i)
		if i == 0 {
			p.line("r0 = l")
			p.line("r1, c = bits.Add64(r1, h, 0)")
			continue
		}
		p.line("r%d, c = bits.Add64(r%[1]d, l, c)", 2*i)
		carry := "c"
		if i == n-1 {
			carry = "_"
		}
		p.line("r%d, %s = bits.Add64(r%[1]d, h, c)", 2*i+1, carry)
	}
}

// fold prints the end of a product: 2^bits is c, so the upper half times c goes
// onto the lower, and once more what that carries, and once more a bit.
func (p *printer) fold(c curve, n int) {
	for i := range n {
		p.step(i, fmt.Sprintf("r%d", n+i), fmt.Sprint(c.c), false, i > 0)
	}
	p.carry(c, n)
}

// carry prints the end of a number r with the small limb k above it.
func (p *printer) carry(c curve, n int) {
	p.line("var o uint64")
	for i := range n {
		if i == 0 {
			p.line("r0, o = bits.Add64(r0, k*%d, 0)", c.c)
		} else {
			p.line("r%d, o = bits.Add64(r%[1]d, 0, o)", i)
		}
	}
	p.line("r0 += %d & -o // what is left is small: no further carry", c.c)
	p.store(n)
}

func (p *printer) store(n int) {
	for i := range n {
		p.line("z[%d] = r%[1]d", i)
	}
	p.line("}\n")
}

// sums prints x + y and x − y.
func (p *printer) sums(c curve, n int) {
	for _, op := range []struct{ name, sign, call, assign string }{
		{"add", "+", "Add64", "+="}, {"sub", "−", "Sub64", "-="},
	} {
		p.line("// %s is x %s y.", op.name, op.sign)
		p.line("func (z *element%d) %s(x, y *element%[1]d) {", c.bits, op.name)
		p.line("var %s, o uint64", limbNames(n))
		for i := range n {
			p.line("r%d, o = bits.%[2]s(x[%[1]d], y[%[1]d], %[3]s)", i, op.call, before(i))
		}
		for i := range n {
			if i == 0 {
				p.line("r0, o = bits.%s(r0, %d&-o, 0)", op.call, c.c)
			} else {
				p.line("r%d, o = bits.%[2]s(r%[1]d, 0, o)", i, op.call)
			}
		}
		p.line("r0 %s %d & -o // what is left is near 0 or 2^%d: no further carry", op.assign, c.c, c.bits)
		p.store(n)
	}
}

func before(i int) string {
	if i == 0 {
		return "0"
	}
	return "o"
}

// mulB prints the product with the coefficient b, cheap where b is one limb.
func (p *printer) mulB(c curve, n int) {
	b := number(c.b)
	if b.IsUint64() {
		p.line("// mulB is b·x.")
		p.line("func (z *element%d) mulB(x *element%[1]d) {", c.bits)
		p.line("var %s, k uint64", limbNames(n))
		for i := range n {
			p.step(i, limb("x", i), b.String(), true, i > 0)
		}
		p.carry(c, n)
		return
	}
	p.line("var b%d = element%[1]d%s\n", c.bits, array(b, n))
	p.line("// mulB is b·x.")
	p.line("func (z *element%d) mulB(x *element%[1]d) { z.mul(x, &b%[1]d) }\n", c.bits)
}

// pick prints the choice of an entry of a table, one coordinate after the
// other: as many limbs as that stay in registers.
func (p *printer) pick(c curve, n int) {
	p.line("// pick is the entry at index. It reads all of them and keeps one by a mask, so")
	p.line("// that neither branches nor addresses depend on the index.")
	p.line("func (p *affine%d) pick(t *[entries]affine%[1]d, index uint64) {", c.bits)
	for _, coordinate := range []string{"x", "y"} {
		p.line("{")
		p.line("var %s uint64", limbNames(n))
		p.line("for i := range t {")
		p.line("e := &t[i].%s", coordinate)
		p.line("mask := -(((uint64(i) ^ index) - 1) >> 63) // all ones where i is the index")
		for i := range n {
			p.line("r%d |= e[%[1]d] & mask", i)
		}
		p.line("}")
		for i := range n {
			p.line("p.%s[%d] = r%[2]d", coordinate, i)
		}
		p.line("}")
	}
	p.line("}")
}
