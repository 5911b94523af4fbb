// Package person maps the operation person.search: who a person is, as the State
// Database of Individuals (ГБД ФЛ) knows it.
package person

import (
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Adapter implements gateway.Adapter for gateway.PersonQuery; its facts are
// gateway.Persons. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the search as the registry's Request. With a consent token in
// Meta it is the request of GBDFLUniversal_token, without one that of
// GBDFL_UniversalServiceSync.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	pq, err := query(q, "write request to GBDFL")
	if err != nil {
		return nil, err
	}
	return gbdfl.Request(gbdfl.Question{
		IIN:            pq.IIN,
		Surname:        pq.Surname,
		Name:           pq.GivenName,
		Patronymic:     pq.SecondName,
		BirthDate:      pq.BirthDate,
		DocumentNumber: pq.DocumentNumber,
	}, m)
}

// Answer reads the registry's Response. A search by IIN is answered by that
// person alone; the persons of the other searches must fit what was asked: the
// birth date, or a document with that number.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	pq, err := query(q, "read answer of GBDFL")
	if err != nil {
		return nil, err
	}
	found, err := gbdfl.Open(p, m, pq.IIN, a.codes)
	if err != nil {
		return nil, err
	}
	persons := make(gateway.Persons, 0, len(found))
	for _, r := range found {
		one := person(r, m.Date)
		if err := r.Err(); err != nil {
			return nil, err
		}
		if !fits(one, pq) {
			return nil, fault.New(fault.AnswerMismatch, "read answer of GBDFL", "the answer is about a person that was not asked for")
		}
		persons = append(persons, one)
	}
	return persons, nil
}

func query(q gateway.Query, op string) (gateway.PersonQuery, error) {
	pq, ok := q.(gateway.PersonQuery)
	if !ok {
		return gateway.PersonQuery{}, fault.New(fault.Internal, op, "the query is no PersonQuery")
	}
	return pq, nil
}

// fits tells whether a person may be the answer to a search without IIN. Names
// are not compared: the registry may know several spellings of one.
func fits(p gateway.Person, q gateway.PersonQuery) bool {
	if q.DocumentNumber != "" {
		return len(p.Documents) == 0 || holds(p.Documents, q.DocumentNumber)
	}
	return q.BirthDate.IsZero() || p.BirthDate == q.BirthDate
}

// person maps one person element; asked is when the question was put.
func person(r *payload.Reader, asked time.Time) gateway.Person {
	p := gateway.Person{
		IIN:        r.Required("iin"),
		Surname:    r.Text("surname"),
		GivenName:  r.Text("name"),
		SecondName: r.Text("patronymic"),
		LatinName:  gateway.LatinName{Surname: r.Text("engSurname"), GivenName: r.Text("engFirstName")},

		BirthDate:   r.RequiredDate("birthDate"),
		DeathDate:   r.Date("deathDate"),
		Gender:      r.RequiredCode("gender", gbdfl.ListGender),
		Nationality: r.RequiredCode("nationality", gbdfl.ListNationality),
		Citizenship: r.RequiredCode("citizenship", gbdfl.ListCountry),
		LifeStatus:  r.RequiredCode("lifeStatus", gbdfl.ListLifeStatus),

		BirthPlace:          birthPlace(r),
		BirthCertificate:    certificate(r, "birthCertificate"),
		DeathCertificate:    certificate(r, "deathCertificate"),
		RegistrationAddress: gbdfl.Registration(r),
		Addresses:           gbdfl.OtherAddresses(r),
		Documents:           documents(r),

		Capacity:     capacity(r),
		Missing:      disappearance(r, "missing"),
		Disappeared:  disappearance(r, "disappear"),
		Absent:       absence(r),
		Imprisonment: imprisonment(r),
		Repatriation: repatriation(r),
		Exclusion:    exclusion(r),
		Removed:      r.Bool("removed"),
		Source:       gateway.Source{Registry: gbdfl.Registry},
	}
	if p.Surname == "" || p.GivenName == "" {
		r.HoldKnown(ofContract, "has no surname or name, but an element that the contract does not know")
	}
	p.Sex = sex(p.Gender.Code)
	p.IdentityDocument = identityDocument(p.Documents, asked)
	if more := r.Sub("AddDocs"); more != nil {
		p.AdditionalBirthCertificate = additional(more, "birthSvid")
		p.AdditionalDeathCertificate = additional(more, "deathSvid")
	}
	return p
}

// ofContract tells whether a child of person is one that the contract knows. An
// unknown one is nothing to worry about, unless a part of the name is missing:
// then it may be that part, renamed, and a person without it would be somebody
// else.
func ofContract(local string) bool {
	switch local {
	case "iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "deathDate",
		"gender", "nationality", "citizenship", "lifeStatus", "imprisonedStatus", "birthCertificate", "deathCertificate",
		"birthPlace", "regAddress", "personCapableStatus", "missingStatus", "disappearStatus", "excludeStatus",
		"repatriationStatus", "documents", "addresses", "removed", "AbsentStatus", "AddDocs":
		return true
	}
	return false
}

// sex reads the registry's gender; 2 is seen for women, 1 is inferred for men.
func sex(gender string) gateway.Sex {
	switch gender {
	case "1":
		return gateway.SexMale
	case "2":
		return gateway.SexFemale
	}
	return gateway.SexUnknown
}

func birthPlace(r *payload.Reader) gateway.BirthPlace {
	r.MustHave("birthPlace")
	s := r.Sub("birthPlace")
	if s == nil {
		return gateway.BirthPlace{}
	}
	return gateway.BirthPlace{
		Country:       s.Code("country", gbdfl.ListCountry),
		District:      s.Code("district", gbdfl.ListDistrict),
		Region:        s.Code("region", gbdfl.ListRegion),
		Foreign:       gbdfl.Foreign(s),
		Locality:      gbdfl.Both(s.Part("city")),
		TerritoryCode: s.Part("birthTeCodeAR"),
	}
}

func certificate(r *payload.Reader, name string) gateway.Certificate {
	s := r.Sub(name)
	if s == nil {
		return gateway.Certificate{}
	}
	return gateway.Certificate{
		Number:     s.Required("number"),
		BeginDate:  s.Date("beginDate"),
		IssuerName: s.Text("issueOrganisation"), // with an s here, with a z in a document
	}
}

// additional maps one half of AddDocs, whose elements share a prefix; a half
// that says nothing is no certificate.
func additional(r *payload.Reader, prefix string) gateway.Certificate {
	c := gateway.Certificate{
		Number:     r.Text(prefix + "Number"),
		BeginDate:  r.Date(prefix + "BeginDate"),
		IssuerName: r.Text(prefix + "IssueOrg"),
	}
	if (c != gateway.Certificate{}) {
		r.Required(prefix + "Number")
	}
	return c
}
