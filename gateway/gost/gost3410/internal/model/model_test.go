package model_test

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// TestExample is the example of RFC 7091, section 7.1.
func TestExample(t *testing.T) {
	t.Parallel()
	c := model.Example()
	d := model.Hex("7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28")
	e := model.Hex("2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5")
	k := model.Hex("77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3")
	q := c.Multiply(d, c.Base)
	if q.X.Cmp(model.Hex("7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B")) != 0 ||
		q.Y.Cmp(model.Hex("26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA")) != 0 {
		t.Errorf("the public key is %x, %x", q.X, q.Y)
	}
	r, s := c.Sign(d, e, k)
	if r.Cmp(model.Hex("41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493")) != 0 ||
		s.Cmp(model.Hex("1456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40")) != 0 {
		t.Errorf("the signature is %x, %x", r, s)
	}
	key := c.Powers(q)
	if !c.Verify(key, e, r, s) {
		t.Error("the signature does not hold")
	}
	if c.Verify(key, k, r, s) {
		t.Error("the signature holds for another number")
	}
}

// TestParameters: the generator is on the curve and has the order that the
// standard says.
func TestParameters(t *testing.T) {
	t.Parallel()
	for _, c := range []*model.Curve{model.CryptoProA(), model.TC26A512(), model.Example()} {
		if !c.Contains(c.Generator()) {
			t.Errorf("%s: the generator is not on the curve", c.Name)
		}
		if !c.Multiply(c.Q, c.Base).IsInfinity() {
			t.Errorf("%s: the order is another", c.Name)
		}
	}
}
