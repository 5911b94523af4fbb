package ec

// The curve is y² = x³ − 3x + b, its order a prime.

// affine256 is a point other than infinity.
type affine256 struct{ x, y element256 }

// isOnCurve checks the equation. Variable time.
func (p *affine256) isOnCurve() bool {
	var left, right, b element256
	left.square(&p.y)
	right.square(&p.x)
	right.sub(&right, &element256{3})
	right.mul(&right, &p.x)
	b.mulB(&element256{1})
	right.add(&right, &b)
	return left.equal(&right)
}

// projective256 is the point (x/z, y/z); infinity is (0 : 1 : 0). It is added
// by formulas without exceptions.
type projective256 struct{ x, y, z element256 }

// double is 2p. Safe for secrets: see combine.
func (p *projective256) double() {
	var s sums256
	s.xx.square(&p.x)
	s.yy.square(&p.y)
	s.zz.square(&p.z)
	s.xy.mul(&p.x, &p.y)
	s.xy.add(&s.xy, &s.xy)
	s.xz.mul(&p.x, &p.z)
	s.xz.add(&s.xz, &s.xz)
	s.yz.mul(&p.y, &p.z)
	s.yz.add(&s.yz, &s.yz)
	p.combine(&s)
}

// add is p + q. Safe for secrets: see combine.
func (p *projective256) add(q *affine256) {
	var s sums256
	var t element256
	s.xx.mul(&p.x, &q.x)
	s.yy.mul(&p.y, &q.y)
	s.zz = p.z
	s.xy.add(&p.x, &p.y)
	t.add(&q.x, &q.y)
	s.xy.mul(&s.xy, &t)
	s.xy.sub(&s.xy, &s.xx)
	s.xy.sub(&s.xy, &s.yy)
	s.xz.mul(&q.x, &p.z)
	s.xz.add(&s.xz, &p.x)
	s.yz.mul(&q.y, &p.z)
	s.yz.add(&s.yz, &p.y)
	p.combine(&s)
}

// sums256 are the products of the coordinates of two points that a sum is made
// of: xx is x₁x₂, xy is x₁y₂ + x₂y₁, and so on.
type sums256 struct{ xx, yy, zz, xy, xz, yz element256 }

// combine is the sum of two points (J. Renes, C. Costello, L. Batina, "Complete
// addition formulas for prime order elliptic curves", IACR ePrint 2015/1060,
// section 3.2, a = −3; algorithms 5 and 6 are orders to compute it in):
//
//	x = xy·(yy + m) − yz·n        m = 3(xz − b·zz)
//	y = (yy + m)(yy − m) + w·n    n = 3(b·xz − xx − 3zz)
//	z = yz·(yy − m) + xy·w        w = 3(xx − zz)
//
// Safe for secrets: on a curve of odd order the formulas are right for every
// pair of points, equal, opposite or infinite, so there is nothing to branch on.
func (p *projective256) combine(s *sums256) {
	var m, n, w, plus, minus, t element256
	m.mulB(&s.zz)
	m.sub(&s.xz, &m)
	m.triple(&m)
	t.triple(&s.zz)
	n.mulB(&s.xz)
	n.sub(&n, &s.xx)
	n.sub(&n, &t)
	n.triple(&n)
	w.sub(&s.xx, &s.zz)
	w.triple(&w)
	plus.add(&s.yy, &m)
	minus.sub(&s.yy, &m)

	p.x.mul(&s.xy, &plus)
	t.mul(&s.yz, &n)
	p.x.sub(&p.x, &t)
	p.y.mul(&plus, &minus)
	t.mul(&w, &n)
	p.y.add(&p.y, &t)
	p.z.mul(&s.yz, &minus)
	t.mul(&s.xy, &w)
	p.z.add(&p.z, &t)
}

// affine is p, which is not infinity, with coordinates below p. Safe for
// secrets: z would tell something of the scalar, and inverse does not show it.
func (p *projective256) affine() (q affine256) {
	var inverse element256
	inverse.inverse(&p.z)
	q.x.mul(&p.x, &inverse)
	q.y.mul(&p.y, &inverse)
	q.x.reduce(&q.x)
	q.y.reduce(&q.y)
	return q
}
