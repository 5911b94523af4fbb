package ec

import "sync/atomic"

// Curve256 is a Curve of 256 bits.
type Curve256 struct{}

// InField is that of Curve.
func (Curve256) InField(coordinate []byte) bool {
	var x element256
	fromBytes(x[:], coordinate)
	return x.isReduced()
}

// InOrder is that of Curve.
func (Curve256) InOrder(scalar []byte) bool {
	var k scalar256
	defer wipe(k[:])
	fromBytes(k[:], scalar)
	return inOrder(k[:], order256[:])
}

// Number is that of Curve.
func (Curve256) Number(e, digest []byte) {
	var number scalar256
	fromBytes(number[:], digest)
	subtract(number[:], number[:], order256[:], 0) // 2^256 < 2q
	if number == (scalar256{}) {
		number[0] = 1
	}
	toBytes(e, number[:])
}

// Multiply is that of Curve.
func (Curve256) Multiply(xy, scalar []byte) {
	var k scalar256
	defer wipe(k[:])
	fromBytes(k[:], scalar)
	q := multiply256(&k)
	toBytes(xy[:256/8], q.x[:])
	toBytes(xy[256/8:], q.y[:])
}

// multiply256 is k·G. Safe for secrets.
func multiply256(k *scalar256) affine256 {
	var p projective256
	base256().multiply(&p, k)
	q := p.affine()
	wipe(p.x[:])
	wipe(p.y[:])
	wipe(p.z[:])
	return q
}

// Sign is that of Curve: r = x(k·G) mod q, s = r·d + k·e mod q. Unlike ECDSA it
// inverts nothing, and r and s are public, so there is no secret to branch on.
func (Curve256) Sign(sig, d, e, k []byte) bool {
	var key, number, nonce, r, s, ke scalar256
	fromBytes(key[:], d)
	fromBytes(number[:], e)
	fromBytes(nonce[:], k)
	q := multiply256(&nonce)
	subtract(r[:], q.x[:], order256[:], 0) // p < 2q
	s.mul(&r, &key)
	ke.mul(&nonce, &number)
	s.add(&s, &ke)
	wipe(key[:])
	wipe(nonce[:])
	wipe(ke[:])
	toBytes(sig[:256/8], r[:])
	toBytes(sig[256/8:], s[:])
	return r != (scalar256{}) && s != (scalar256{})
}

// NewKey is that of Curve.
func (Curve256) NewKey(xy []byte) (Key, bool) {
	k := new(key256)
	fromBytes(k.point.x[:], xy[:256/8])
	fromBytes(k.point.y[:], xy[256/8:])
	return k, k.point.isOnCurve()
}

// key256 is a Key.
type key256 struct {
	point affine256
	uses  atomic.Uint32
	table atomic.Pointer[table256]
}

// Verify is that of Key: r = x(z₁·G + z₂·Q) mod q, with z₁ = s/e and z₂ = −r/e.
func (k *key256) Verify(e, sig []byte) bool {
	var r, z1, z2, v scalar256
	fromBytes(v[:], e)
	fromBytes(r[:], sig[:256/8])
	fromBytes(z1[:], sig[256/8:])
	invert(v[:], v[:], order256[:])
	z1.mul(&z1, &v)
	z2.mul(&r, &v)
	z2.negate(&z2)
	z1.recode(&z1)
	var p jacobian256
	if table := k.ownTable(); table != nil {
		z2.recode(&z2)
		p = table.combine(&z1, &z2)
	} else {
		p = k.slowly(&z1, &z2)
	}
	return p.hasX(&r)
}

// ownTable is the table of the key, and nil as long as it has none. The one
// call that reaches the limit makes it; those beside it do without.
func (k *key256) ownTable() *table256 {
	if table := k.table.Load(); table != nil {
		return table
	}
	if k.uses.Add(1) == tableAfter {
		k.table.Store(newTable256(&k.point))
	}
	return k.table.Load()
}

// slowly is z₁·G + z₂·Q with the table of G alone, z₁ being recoded (the
// interleaving of E. Straus). Variable time.
func (k *key256) slowly(z1, z2 *scalar256) (p jacobian256) {
	var twice [1]affine256
	p.set(&k.point)
	p.double()
	normalize256(twice[:], []jacobian256{p})
	var multiples [odds]jacobian256
	multiples[0].set(&k.point)
	for i := 1; i < odds; i++ {
		multiples[i] = multiples[i-1]
		multiples[i].add(&twice[0], 0)
	}
	var odd [odds]affine256
	normalize256(odd[:], multiples[:])

	var digits [256 + 1]int8
	naf(digits[:], z2[:])
	p = jacobian256{}
	for i := 256; i >= 0; i-- {
		p.double()
		if d := digits[i]; d > 0 {
			p.add(&odd[d/2], 0)
		} else if d < 0 {
			p.add(&odd[-d/2], 1)
		}
		if i < columns256 {
			base256().addColumn(&p, z1, i)
		}
	}
	return p
}
