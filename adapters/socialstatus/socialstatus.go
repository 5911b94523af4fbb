// Package socialstatus maps the operation social-status.search: the social statuses
// of a person, as the Ministry of Labour hands them out in its operation p06552.
package socialstatus

import (
	"github.com/kopir-kz/kopir/adapters/internal/mtszn"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// listStatus is the code list of contracts/codes.
const listStatus = "social_status"

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.SocialStatuses. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the question by IIN.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	return mtszn.Request(mtszn.Namespace, "p06552Request", q, m)
}

// Answer reads the statuses in their order, each once. A date without a status is
// a fact of which the main part is missing, and doubted.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	answer, err := mtszn.Open(q, m, p, a.codes)
	if err != nil {
		return nil, err
	}
	var all mtszn.Distinct[gateway.SocialStatus]
	for r := range answer.Records("socStatus", known) {
		var d payload.Doubts
		one := gateway.SocialStatus{
			Status:    mtszn.AdditionalName(r, "socStatus", listStatus),
			BeginDate: r.Day("socStatusDate", "/begin_date", &d),
			Source:    gateway.Source{Registry: mtszn.Registry},
		}
		if one.Status == (gateway.Code{}) {
			d.Add(gateway.DoubtMissing, "/status")
		}
		one.Doubt = d.List
		all.Add(one.Status.Code, one)
	}
	if len(all.Values) == 0 {
		return gateway.SocialStatuses{}, answer.Empty("socStatus")
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	return gateway.SocialStatuses(all.Values), nil
}

// known tells the elements of a record.
func known(local string) bool { return local == "socStatus" || local == "socStatusDate" }
