package gbdfl

import (
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway"
)

// Registration maps regAddress; zero if the person has none, as children often
// have not.
func (r *Reader) Registration() gateway.Address {
	s := r.Sub("regAddress")
	if s == nil {
		return gateway.Address{}
	}
	a := s.address()
	a.Status = s.Code("status", ListAddressStatus)
	a.Invalidity = s.Code("invalidity", ListAddressInvalidity)
	return a
}

// OtherAddresses maps addresses/address; an entry that is listed twice is given
// once.
func (r *Reader) OtherAddresses() []gateway.Address {
	var all Distinct[gateway.Address]
	for s := range r.Each("addresses", "address") {
		if s.Blank() {
			continue
		}
		a := s.address()
		a.Type = s.RequiredCode("type", ListAddressType)
		all.Add(a.FullAddress.RU, a)
	}
	return all.Values
}

// address maps what the two kinds of address share.
func (r *Reader) address() gateway.Address {
	a := gateway.Address{
		BeginDate:           r.Date("beginDate"),
		EndDate:             r.Date("endDate"),
		Country:             r.Code("country", ListCountry),
		District:            r.Code("district", ListDistrict),
		Region:              r.Code("region", ListRegion),
		Foreign:             r.Foreign(),
		Locality:            r.Part("city"),
		Street:              r.Part("street"),
		Building:            r.Part("building"),
		Block:               r.Part("corpus"),
		Flat:                r.Part("flat"),
		AddressRegisterCode: r.Part("arCode"),
	}
	a.FullAddress = fullAddress(a)
	return a
}

// Foreign maps foreignData of an address or a birth place.
func (r *Reader) Foreign() gateway.ForeignPlace {
	s := r.Sub("foreignData")
	if s == nil {
		return gateway.ForeignPlace{}
	}
	return gateway.ForeignPlace{DistrictName: s.Part("districtName"), RegionName: s.Part("regionName")}
}

// fullAddress joins the parts from the country down to the flat.
func fullAddress(a gateway.Address) gateway.FullAddress {
	kk := []string{or(a.Country.KK, a.Country.RU), or(a.District.KK, a.District.RU), or(a.Region.KK, a.Region.RU)}
	ru := []string{or(a.Country.RU, a.Country.KK), or(a.District.RU, a.District.KK), or(a.Region.RU, a.Region.KK)}
	for _, part := range []string{a.Foreign.DistrictName, a.Foreign.RegionName, a.Locality, a.Street} {
		kk, ru = append(kk, part), append(ru, part)
	}
	kk = append(kk, behind(a.Building, "-үй"), behind(a.Block, "-корпус"), behind(a.Flat, "-пәтер"))
	ru = append(ru, before("дом ", a.Building), before("корпус ", a.Block), before("квартира ", a.Flat))
	return gateway.FullAddress{KK: line(kk), RU: line(ru)}
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func behind(s, word string) string {
	if s == "" {
		return ""
	}
	return s + word
}

func before(word, s string) string {
	if s == "" {
		return ""
	}
	return word + s
}

// line joins the parts that are not empty.
func line(parts []string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
