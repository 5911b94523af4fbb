package gateway

import (
	"strings"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"
)

// ParsePartialDate reads YYYY, YYYY-MM or YYYY-MM-DD; ok is false for another
// form and for a month or a day that does not exist.
func ParsePartialDate(s string) (d PartialDate, ok bool) {
	for _, layout := range [...]string{"2006", "2006-01", time.DateOnly} {
		if len(s) == len(layout) {
			_, err := time.Parse(layout, s)
			return PartialDate(s), err == nil
		}
	}
	return "", false
}

// WholeDate is a whole day as a PartialDate, "" for the zero date.
func WholeDate(d openapi_types.Date) PartialDate {
	if d.IsZero() {
		return ""
	}
	return PartialDate(d.Format(time.DateOnly))
}

// Date gives the day; ok is false if a part of it is not known.
func (d PartialDate) Date() (day openapi_types.Date, ok bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return openapi_types.Date{Time: t}, err == nil
}

// Agrees tells whether both can be the same day: what one of them does not know
// contradicts nothing.
func (d PartialDate) Agrees(other PartialDate) bool {
	return strings.HasPrefix(string(d), string(other)) || strings.HasPrefix(string(other), string(d))
}
