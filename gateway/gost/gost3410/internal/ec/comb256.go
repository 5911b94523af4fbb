package ec

import "sync"

const columns256 = 256 / (teeth * blocks)

// table256 holds for each block the sums of its teeth, the highest of them
// positive and each other positive where its bit in the index is set and
// negative where it is not. Tooth t of block j is the point times
// 2^((t·blocks + j)·columns).
//
// As multiples of the point these are odd numbers, shifted, far below q. None
// is zero, so every entry is affine.
type table256 [blocks][entries]affine256

// base256 is the table of the generator, made when it is first needed.
//
//nolint:gochecknoglobals // a constant table
var base256 = sync.OnceValue(func() *table256 { return newTable256(&generator256) })

// newTable256 computes the table of a point. Variable time. None of its sums
// is of equal or opposite points, the one being an odd and the other an even
// multiple of the same power of two, so each costs the same.
func newTable256(p *affine256) *table256 {
	// The point of every tooth of every block, and twice that.
	var powers [2 * teeth * blocks]jacobian256
	var power jacobian256
	power.set(p)
	for i := range teeth * blocks {
		powers[2*i] = power
		power.double()
		powers[2*i+1] = power
		for range columns256 - 1 {
			power.double()
		}
	}
	var points [len(powers)]affine256
	normalize256(points[:], powers[:])

	table := new(table256)
	for j := range blocks {
		var row [entries]jacobian256
		row[0].set(&points[2*((teeth-1)*blocks+j)])
		for t := range teeth - 1 {
			row[0].add(&points[2*(t*blocks+j)], 1)
		}
		for t := range teeth - 1 {
			twice := &points[2*(t*blocks+j)+1]
			for i := range 1 << t {
				row[1<<t|i] = row[i]
				row[1<<t|i].add(twice, 0)
			}
		}
		normalize256(table[j][:], row[:])
	}
	return table
}

// multiply sets p to k times the point of the table. Safe for secrets: the
// number of additions is fixed, pick reads the whole block, and the sums have
// no exceptions.
func (t *table256) multiply(p *projective256, k *scalar256) {
	var signs scalar256
	var q affine256
	signs.recode(k)
	*p = projective256{y: element256{1}}
	for column := columns256 - 1; column >= 0; column-- {
		if column < columns256-1 {
			p.double()
		}
		for block := range blocks {
			index, negative := split(signs.digit(block, column))
			q.pick(&t[block], index)
			q.y.negateIf(negative)
			p.add(&q)
		}
	}
	wipe(signs[:])
	wipe(q.x[:])
	wipe(q.y[:])
}

// combine is z₁·G + z₂ times the point of the table, both numbers recoded.
// Variable time.
func (t *table256) combine(z1, z2 *scalar256) (p jacobian256) {
	base := base256()
	for column := columns256 - 1; column >= 0; column-- {
		p.double()
		base.addColumn(&p, z1, column)
		t.addColumn(&p, z2, column)
	}
	return p
}

// addColumn adds to p what one column of the recoded scalar picks from the
// table. Variable time.
func (t *table256) addColumn(p *jacobian256, signs *scalar256, column int) {
	for block := range blocks {
		index, negative := split(signs.digit(block, column))
		p.add(&t[block][index], negative)
	}
}
