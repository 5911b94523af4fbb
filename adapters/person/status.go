package person

import (
	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

func capacity(r *payload.Reader) gateway.Capacity {
	s := r.Sub("personCapableStatus")
	if s == nil {
		return gateway.Capacity{}
	}
	return gateway.Capacity{
		Status:  s.RequiredCode("capableStatus", gbdfl.ListCapacity),
		Date:    s.RequiredDate("capableDate"),
		EndDate: s.Date("capableEndDate"),
		Number:  s.Required("capableNumber"),
		Court:   s.RequiredCode("court", gbdfl.ListCourt),
	}
}

// disappearance maps missingStatus and disappearStatus, whose elements differ in
// the prefix alone. A flag that is false and says nothing more is no record.
func disappearance(r *payload.Reader, prefix string) gateway.Disappearance {
	s := r.Sub(prefix + "Status")
	if s == nil {
		return gateway.Disappearance{}
	}
	s.Required(prefix)
	declared := s.Bool(prefix)
	if !declared && s.Text(prefix+"Date") == "" && s.Text(prefix+"Number") == "" {
		return gateway.Disappearance{}
	}
	return gateway.Disappearance{
		Declared:        declared,
		Date:            s.RequiredDate(prefix + "Date"),
		EndDate:         s.Date(prefix + "EndDate"),
		Number:          s.Required(prefix + "Number"),
		TerritorialBody: s.RequiredCode("gpTerritorial", gbdfl.ListTerritorialBody),
	}
}

func absence(r *payload.Reader) gateway.Absence {
	s := r.Sub("AbsentStatus") // capital in the ministry's copy of the contract
	if s == nil {
		return gateway.Absence{}
	}
	return gateway.Absence{
		Date:    s.RequiredDate("absentDate"),
		EndDate: s.Date("absentEndDate"),
		Number:  s.Required("absentNumber"),
		Court:   s.RequiredCode("court", gbdfl.ListCourt),
	}
}

func imprisonment(r *payload.Reader) gateway.Imprisonment {
	s := r.Sub("imprisonedStatus")
	if s == nil {
		return gateway.Imprisonment{}
	}
	return gateway.Imprisonment{
		Status:    s.RequiredCode("imprisonedStatus", gbdfl.ListImprisonment),
		BeginDate: s.Date("imprisonedBeginDate"),
		EndDate:   s.Date("imprisonedEndDate"),
	}
}

// repatriation maps repatriationStatus; the types of its elements, but for the
// date, are not on public record.
func repatriation(r *payload.Reader) gateway.Repatriation {
	s := r.Sub("repatriationStatus")
	if s == nil {
		return gateway.Repatriation{}
	}
	return gateway.Repatriation{
		Status:       s.CodeOrText("repatriationStatus", gbdfl.ListRepatriation),
		GrantedAt:    s.Time("repatriationDate"),
		EndDate:      s.Date("repatriationEndDate"),
		Number:       s.Text("repatriationNumber"),
		Organization: s.Text("repatriationOrg"),
		Reason:       s.CodeOrText("repatriationReason", gbdfl.ListRepatriationReason),
	}
}

func exclusion(r *payload.Reader) gateway.Exclusion {
	s := r.Sub("excludeStatus")
	if s == nil {
		return gateway.Exclusion{}
	}
	return gateway.Exclusion{
		Reason:      s.RequiredCode("excludeReason", gbdfl.ListExclusion),
		ReasonDate:  s.Date("excludeReasonDate"),
		Date:        s.Date("excludeDate"),
		Participant: s.CodeOrText("excludeParticipant", gbdfl.ListParticipant),
	}
}
