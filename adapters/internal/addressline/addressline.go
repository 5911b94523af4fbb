// Package addressline writes an address in one line, in Kazakh and in Russian.
package addressline

import (
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway"
)

// Full joins the parts of an address from the country down to the flat. A part
// that has a text in one language only stands with it in both lines.
func Full(a gateway.Address) gateway.LocalText {
	kk := []string{or(a.Country.KK, a.Country.RU), or(a.District.KK, a.District.RU), or(a.Region.KK, a.Region.RU)}
	ru := []string{or(a.Country.RU, a.Country.KK), or(a.District.RU, a.District.KK), or(a.Region.RU, a.Region.KK)}
	kk = append(kk, a.Foreign.DistrictName, a.Foreign.RegionName)
	ru = append(ru, a.Foreign.DistrictName, a.Foreign.RegionName)
	for _, part := range [...]gateway.LocalText{a.RuralDistrict, a.Locality, a.Street} {
		kk, ru = append(kk, or(part.KK, part.RU)), append(ru, or(part.RU, part.KK))
	}
	kk = append(kk, behind(a.Building, "-үй"), behind(a.Block, "-корпус"), behind(a.Flat, "-пәтер"))
	ru = append(ru, before("дом ", a.Building), before("корпус ", a.Block), before("квартира ", a.Flat))
	return gateway.LocalText{KK: line(kk), RU: line(ru)}
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
