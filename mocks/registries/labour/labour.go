// Package labour is the mock of the Ministry of Labour: disability, loss of
// capacity for work, social statuses, employment and awards, each a service of its
// own.
//
// It reads the request and writes the answer element by element as
// contracts/registries has them: order, cardinality, names and namespaces. Children
// have no namespace. Where the record is silent, the contract is ours, and so are
// the values here.
package labour

import (
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Services of the ministry in the register of ШЭП. Only that of social statuses is
// on public record.
const (
	ServiceDisability   = "MTSZN_p06560"
	ServiceCapacityLoss = "MTSZN_p06590"
	ServiceSocialStatus = "PersonStatusUniversalServiceSync"
	ServiceEmployment   = "MTSZN_p06556"
	ServiceAward        = "MTSZN_award"
)

const (
	ministrySpace = "http://services.sync.mtszn/"
	awardSpace    = "urn:kopir:registry:award"
	xsiSpace      = "http://www.w3.org/2001/XMLSchema-instance"
)

// Processed is systemInfo/Status of an answer that nothing is wrong with; ours.
const Processed = "SUCCESS"

// Registry answers one of the services for one population. It is safe for
// concurrent use.
type Registry struct {
	People    population.Views
	operation operation
}

// operation is one operation of the ministry: its roots are name and Request or
// Response.
type operation struct {
	space, name string
	view        fact.Registry
	write       func(w writer, data *etree.Element, one *fact.Person)
	nobody      func(data *etree.Element) // what stands there about nobody; nil for nothing
}

// Registries makes the registry of every service, by serviceId.
func Registries(people population.Views) map[string]*Registry {
	return map[string]*Registry{
		ServiceDisability:   {people, operation{ministrySpace, "p06560", fact.RegistryDisability, writer.disablements, nil}},
		ServiceCapacityLoss: {people, operation{ministrySpace, "p06590", fact.RegistryDisability, writer.losses, noLoss}},
		ServiceSocialStatus: {people, operation{ministrySpace, "p06552", fact.RegistryStatus, writer.statuses, nil}},
		ServiceEmployment:   {people, operation{ministrySpace, "p06556", fact.RegistryEmployment, writer.employment, nil}},
		ServiceAward:        {people, operation{awardSpace, "award", fact.RegistryAward, writer.awards, nil}},
	}
}

// query is a request that fits the contract.
type query struct{ messageID, chain, iin string }

// Answer implements shep.Registry. Nothing found is a success with empty data.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	q, refusal := r.read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	reply := shep.Reply{RequestID: q.messageID, Status: shep.Processed()}
	root, data := r.frame(q, ask.Now)
	reply.Data = root
	people := r.People.View(r.operation.view)
	if one := people.Person(q.iin); one != nil {
		reply.Fault = one.Fault
		r.operation.write(writer{people: people, today: fact.Day(ask.Now)}, data, one)
	} else if r.operation.nobody != nil {
		r.operation.nobody(data)
	}
	return reply, nil
}

// read holds the payload against the contract of the request.
func (r *Registry) read(ask shep.Ask) (query, *shep.Refusal) {
	if ask.Space != r.operation.space || ask.Local != r.operation.name+"Request" {
		return query{}, refuse("{"+r.operation.space+"}"+r.operation.name+"Request as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, shep.One("systemInfo"), shep.One("requestData"))
	if refusal != nil {
		return query{}, refusal
	}
	info, refusal := shep.Sequence(shep.CheckPayload, in["systemInfo"], shep.Maybe("DigiSign"), shep.Maybe("MessageDate"),
		shep.Maybe("ChainId"), shep.Maybe("MessageId"), shep.Maybe("AdditionalInfo"), shep.Maybe("Status"))
	if refusal != nil {
		return query{}, refusal
	}
	data, refusal := shep.Sequence(shep.CheckPayload, in["requestData"], shep.One("iin"))
	if refusal != nil {
		return query{}, refusal
	}
	q := query{messageID: text(info["MessageId"]), chain: text(info["ChainId"]), iin: text(data["iin"])}
	if len(q.iin) != 12 || strings.Trim(q.iin, "0123456789") != "" {
		return query{}, refuse("an iin of 12 digits", "another text")
	}
	if date := text(info["MessageDate"]); date != "" {
		if _, ok := shep.DateTime(date); !ok {
			return query{}, refuse("a MessageDate of type xsd:dateTime", "another text")
		}
	}
	return q, nil
}

// frame builds the root of an answer, and responseData in it.
func (r *Registry) frame(q query, now time.Time) (root, data *etree.Element) {
	root = etree.NewElement("ns:" + r.operation.name + "Response")
	root.CreateAttr("xmlns:ns", r.operation.space)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	info := root.CreateElement("systemInfo")
	put(info, "MessageDate", shep.FormatTime(now))
	put(info, "ChainId", q.chain)
	put(info, "MessageId", q.messageID)
	put(info, "Status", Processed)
	return root, root.CreateElement("responseData")
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
