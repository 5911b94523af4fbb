package person

import (
	"slices"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// Codes of the registry that the choice of the identity document rests on.
const (
	identityCard  = "002" // identity card of the Republic of Kazakhstan
	passport      = "001" // passport of the Republic of Kazakhstan
	documentValid = "00"  // status: valid
)

// documents maps every document, also invalid ones. The registry is known to
// list the same document twice; entries that say the same are given once.
func documents(r *payload.Reader) []gateway.Document {
	var all payload.Distinct[gateway.Document]
	for s := range r.Each("documents", "document") {
		if s.Blank() {
			continue
		}
		d := gateway.Document{
			Type:           s.RequiredCode("type", gbdfl.ListDocumentType),
			Series:         s.Text("series"),
			Number:         s.Required("number"),
			BeginDate:      s.RequiredDate("beginDate"),
			EndDate:        s.Date("endDate"),
			Issuer:         s.RequiredCode("issueOrganization", gbdfl.ListIssuer),
			Status:         s.RequiredCode("status", gbdfl.ListDocumentStatus),
			InvalidityDate: s.Date("invalidityDate"),
			Surname:        s.Text("surname"),
			GivenName:      s.Text("name"),
			SecondName:     s.Text("patronymic"),
			BirthDate:      s.RequiredDate("birthDate"),
		}
		all.Add(d.Number, d)
	}
	return all.Values
}

// identityDocument picks the valid identity document: the identity card with
// the status valid, otherwise the passport with it; of several the one that
// began last. This is the rule of the registry's clients on public record. Two
// limits are ours, because who reads "valid" relies on it: a document whose
// last day is over when the question is asked is not picked, nor is one that the
// registry lists with another status as well. Zero if there is none.
func identityDocument(all []gateway.Document, asked time.Time) gateway.Document {
	disputed := make(map[key]bool)
	for i := range all {
		if d := &all[i]; d.Status.Code != documentValid {
			disputed[keyOf(d)] = true
		}
	}
	for _, kind := range [...]string{identityCard, passport} {
		best := &gateway.Document{}
		for i := range all {
			if d := &all[i]; d.Type.Code == kind && d.Status.Code == documentValid && !expired(d, asked) && !disputed[keyOf(d)] &&
				(best.Number == "" || d.BeginDate > best.BeginDate) {
				best = d
			}
		}
		if best.Number != "" {
			return *best
		}
	}
	return gateway.Document{}
}

// key is what makes two entries of the list the same document.
type key struct{ kind, series, number string }

func keyOf(d *gateway.Document) key { return key{d.Type.Code, d.Series, d.Number} }

// expired compares calendar days, that of the question in its own zone.
func expired(d *gateway.Document, asked time.Time) bool {
	return !d.EndDate.IsZero() && !asked.IsZero() && d.EndDate < gateway.DateOf(asked)
}

// holds tells whether one of the documents has that number, written with or
// without its series.
func holds(all []gateway.Document, number string) bool {
	return slices.ContainsFunc(all, func(d gateway.Document) bool {
		return strings.EqualFold(d.Number, number) || strings.EqualFold(d.Series+d.Number, number)
	})
}
