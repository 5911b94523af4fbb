package main

import (
	"fmt"
	"slices"
	"testing"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/registries/addressobject"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// objectReply is an answer about address objects, or the code of a problem.
type objectReply struct {
	domain.AddressObjectAnswer
	Status any    `json:"status"`
	Code   string `json:"code"`
}

func (s actStand) behind(t *testing.T, code string) (a objectReply) {
	t.Helper()
	post(t, s.handler, "/v1/address-objects/search", fmt.Sprintf(`{"address_register_code":%q}`, code), &a)
	return a
}

// unknownCode is a code of no address.
const unknownCode = "9900000000009999"

// TestAddressObjects: the code in every registration address leads to that very
// address in the Address Register.
func TestAddressObjects(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	seen := map[string]bool{}
	for _, one := range s.world.People.People() {
		for _, r := range s.world.People.View(fact.RegistryAddress).Residences(one.IIN) {
			l := r.Location
			if seen[l.Code] {
				continue
			}
			seen[l.Code] = true
			a := s.behind(t, l.Code)
			if a.Status != any("found") || len(a.AddressObjects) != 1+len(l.Renamed) || len(a.Provenance.Signatures) != 2 {
				t.Errorf("%s: %v %s, %d objects", l.Code, a.Status, a.Code, len(a.AddressObjects))
				continue
			}
			kind := map[bool]string{true: "room", false: "building"}[l.Flat != ""]
			i := slices.IndexFunc(a.AddressObjects, func(o domain.AddressObject) bool { return o.Actual })
			if i < 0 {
				t.Errorf("%s: no object is in use", l.Code)
				continue
			}
			o := a.AddressObjects[i]
			if got := o.Address; got.AddressRegisterCode != l.Code || got.Building != l.Building || got.Block != l.Corpus || got.Flat != l.Flat ||
				got.Street.KK != l.Street.Kk || got.Street.RU != l.Street.Ru {
				t.Errorf("%s: another address: %+v", l.Code, got)
			}
			if o.Type.Code != kind || !o.Type.Known || o.Doubt != nil {
				t.Errorf("%s: %+v, in doubt: %+v", l.Code, o.Type, o.Doubt)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("%d addresses", len(seen))
	}
	if a := s.behind(t, unknownCode); a.Status != any("not_found") || len(a.AddressObjects) != 0 || len(a.Provenance.Signatures) != 2 {
		t.Errorf("a code of nothing: %v %s", a.Status, a.Code)
	}
}

// TestAddressObjectCarriers: the register's document is read in whatever form it is
// carried.
func TestAddressObjectCarriers(t *testing.T) {
	t.Parallel()
	for _, carrier := range []shep.Carrier{shep.Self, shep.Child, shep.String, shep.CDATA} {
		t.Run(string(carrier), func(t *testing.T) {
			t.Parallel()
			if a := newActStand(t, carrier).behind(t, "9900000000000101"); a.Status != any("found") || len(a.Provenance.Signatures) != 2 {
				t.Errorf("%v %s", a.Status, a.Code)
			}
		})
	}
}

// TestAddressObjectFaults: each way to say no comes out as its own problem. Those
// that the gateway asks again for are last: in a row they open its breaker.
func TestAddressObjectFaults(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	for _, tt := range []struct{ fault, want string }{ // status of an answer, or code of a problem
		{"registry-not-found", "not_found"},
		{"registry-not-found-code", "not_found"},
		{"registry-refused", "registry-refused"},
		{"message-other-request-id", "answer-mismatch"},
		{"message-fault-client", "shep-refused"},
		{"message-html", "answer-unreadable"},
		{"signature-wrong-digest", "signature-invalid"},
		{"registry-internal-error", "registry-fault"},
		{"registry-maintenance", "registry-unavailable"},
		{"registry-overload", "registry-unavailable"},
		{"message-fault", "shep-fault"},
	} {
		t.Run(tt.fault, func(t *testing.T) { // one after the other: the fault strikes the service
			if err := s.world.Arm(faults.Arming{Fault: tt.fault, Service: addressobject.Service}); err != nil {
				t.Fatal(err)
			}
			defer s.world.Clear(tt.fault)
			if a := s.behind(t, "9900000000000101"); a.Code != tt.want && a.Status != any(tt.want) {
				t.Errorf("got %v %s, want %s", a.Status, a.Code, tt.want)
			}
		})
	}
}
