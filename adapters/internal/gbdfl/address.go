package gbdfl

import (
	"github.com/kopir-kz/kopir/adapters/internal/addressline"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// Registration maps regAddress; zero if the person has none, as children often
// have not.
func Registration(r *payload.Reader) gateway.Address {
	s := r.Sub("regAddress")
	if s == nil {
		return gateway.Address{}
	}
	a := address(s)
	a.Status = s.Code("status", ListAddressStatus)
	a.Invalidity = s.Code("invalidity", ListAddressInvalidity)
	return a
}

// OtherAddresses maps addresses/address; an entry that is listed twice is given
// once.
func OtherAddresses(r *payload.Reader) []gateway.Address {
	var all payload.Distinct[gateway.Address]
	for s := range r.Each("addresses", "address") {
		if s.Blank() {
			continue
		}
		a := address(s)
		a.Type = s.RequiredCode("type", ListAddressType)
		all.Add(a.FullAddress.RU, a)
	}
	return all.Values
}

// Place maps an address that stands alone, such as that of a birth in the civil
// registry, which borrows the type; zero if there is none.
func Place(r *payload.Reader, name string) gateway.Address {
	s := r.Sub(name)
	if s == nil {
		return gateway.Address{}
	}
	return address(s)
}

// address maps what all kinds of address share.
func address(r *payload.Reader) gateway.Address {
	a := gateway.Address{
		BeginDate:           r.Date("beginDate"),
		EndDate:             r.Date("endDate"),
		Country:             r.Code("country", ListCountry),
		District:            r.Code("district", ListDistrict),
		Region:              r.Code("region", ListRegion),
		Foreign:             Foreign(r),
		Locality:            Both(r.Part("city")),
		Street:              Both(r.Part("street")),
		Building:            r.Part("building"),
		Block:               r.Part("corpus"),
		Flat:                r.Part("flat"),
		AddressRegisterCode: r.Part("arCode"),
	}
	a.FullAddress = addressline.Full(a)
	return a
}

// Foreign maps foreignData of an address or a birth place.
func Foreign(r *payload.Reader) gateway.ForeignPlace {
	s := r.Sub("foreignData")
	if s == nil {
		return gateway.ForeignPlace{}
	}
	return gateway.ForeignPlace{DistrictName: s.Part("districtName"), RegionName: s.Part("regionName")}
}

// Both is the one spelling that the registry has of a name, in whatever language.
func Both(s string) gateway.LocalText { return gateway.LocalText{KK: s, RU: s} }
