package ec

import "math/bits"

// jacobian256 is the point (x/z², y/z³); infinity has z = 0. It is faster than
// projective256, but its sums have exceptions that have to be looked for: all
// of it is variable time, for verification only.
type jacobian256 struct{ x, y, z element256 }

// set is the point q.
func (p *jacobian256) set(q *affine256) { p.x, p.y, p.z = q.x, q.y, element256{1} }

// double is 2p:
//
//	x' = m² − 8s              m = 3(x − z²)(x + z²)
//	y' = m(4s − x') − 8y⁴     s = xy²
//	z' = 2yz = (y + z)² − y² − z²
//
// Infinity gives infinity; no other point gives it, the order being odd.
func (p *jacobian256) double() {
	var m, s, yy, zz, t element256
	zz.square(&p.z)
	yy.square(&p.y)
	s.mul(&p.x, &yy)
	m.add(&p.x, &zz)
	t.sub(&p.x, &zz)
	m.mul(&m, &t)
	m.triple(&m)

	p.z.add(&p.y, &p.z)
	p.z.square(&p.z)
	p.z.sub(&p.z, &yy)
	p.z.sub(&p.z, &zz)
	s.add(&s, &s)
	s.add(&s, &s)
	p.x.square(&m)
	t.add(&s, &s)
	p.x.sub(&p.x, &t)
	s.sub(&s, &p.x)
	p.y.mul(&m, &s)
	yy.add(&yy, &yy)
	yy.square(&yy)
	yy.add(&yy, &yy)
	p.y.sub(&p.y, &yy)
}

// add is p + q, or p − q where negative is 1:
//
//	x' = r² − h³ − 2xh²          h = q.x·z² − x
//	y' = r(xh² − x') − yh³       r = q.y·z³ − y
//	z' = zh
//
// The formula fails where p is infinity, and where h = 0, which is to say that
// p is q or −q.
func (p *jacobian256) add(q *affine256, negative uint64) {
	y := q.y
	if negative == 1 {
		y.sub(&element256{}, &q.y)
	}
	if p.z.isZero() {
		p.set(&affine256{q.x, y})
		return
	}
	var h, r, hh, hhh, t element256
	t.square(&p.z)
	h.mul(&q.x, &t)
	h.sub(&h, &p.x)
	t.mul(&t, &p.z)
	r.mul(&y, &t)
	r.sub(&r, &p.y)
	if h.isZero() {
		if r.isZero() {
			p.double()
		} else {
			*p = jacobian256{}
		}
		return
	}
	p.z.mul(&p.z, &h)
	hh.square(&h)
	hhh.mul(&hh, &h)
	hh.mul(&hh, &p.x)
	p.x.square(&r)
	p.x.sub(&p.x, &hhh)
	p.x.sub(&p.x, &hh)
	p.x.sub(&p.x, &hh)
	hh.sub(&hh, &p.x)
	hh.mul(&hh, &r)
	t.mul(&hhh, &p.y)
	p.y.sub(&hh, &t)
}

// hasX tells whether the x coordinate of p modulo q is r: it is r or r + q,
// the latter only if it is below p. Infinity has none.
func (p *jacobian256) hasX(r *scalar256) bool {
	if p.z.isZero() {
		return false
	}
	var zz, t element256
	zz.square(&p.z)
	x := element256(*r)
	if t.mul(&x, &zz); t.equal(&p.x) {
		return true
	}
	var carry uint64
	for i := range x {
		x[i], carry = bits.Add64(r[i], order256[i], carry)
	}
	if carry == 1 || !x.isReduced() {
		return false
	}
	t.mul(&x, &zz)
	return t.equal(&p.x)
}

// normalize256 is the affine form of points other than infinity, with one
// inversion for all (P. Montgomery's trick).
func normalize256(q []affine256, p []jacobian256) {
	product := element256{1}
	for i := range p {
		q[i].x = product // of all z before this one
		product.mul(&product, &p[i].z)
	}
	var inverse, zz element256
	product.reduce(&product)
	invert(inverse[:], product[:], p256[:])
	for i := len(p) - 1; i >= 0; i-- {
		var z element256 // 1/p[i].z
		z.mul(&inverse, &q[i].x)
		inverse.mul(&inverse, &p[i].z)
		zz.square(&z)
		q[i].x.mul(&p[i].x, &zz)
		zz.mul(&zz, &z)
		q[i].y.mul(&p[i].y, &zz)
	}
}
