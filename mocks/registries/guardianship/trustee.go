package guardianship

import (
	"strconv"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// ServiceTrustee is the register of the Ministry of Education in the register of
// ШЭП. The name is ours.
const ServiceTrustee = "MON_ETrustee"

const trusteeSpace = "urn:kopir:contract:trustee:1"

// Trustees answers as the Ministry of Education for one population. It is safe for
// concurrent use.
type Trustees struct{ People population.Views }

// Answer implements shep.Registry. Nothing found is a success without the element
// person.
func (t *Trustees) Answer(ask shep.Ask) (shep.Reply, error) {
	if ask.Space != trusteeSpace || ask.Local != "TrusteeRequest" {
		return shep.Reply{}, refuse("{"+trusteeSpace+"}TrusteeRequest as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, shep.One("requestId"), shep.One("iin"), shep.One("role"))
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	id, iin, role := text(in["requestId"]), text(in["iin"]), text(in["role"])
	var guardian, ward string
	switch role {
	case "guardian":
		guardian = iin
	case "ward":
		ward = iin
	default:
		return shep.Reply{}, refuse("the role guardian or ward", "another one")
	}
	if id == "" || !isIIN(iin) {
		return shep.Reply{}, refuse("a requestId, and an iin of 12 digits", "another text")
	}
	people := t.People.View(fact.RegistryGuardianship)
	reply := shep.Reply{RequestID: id, Status: shep.Processed(), Data: trusteeAnswer(id)}
	if one := people.Person(iin); one != nil {
		reply.Fault = one.Fault
	}
	var about *etree.Element
	for _, p := range pairs(people, guardian, ward) {
		if p.care.Kind != fact.Guardian && p.care.Kind != fact.Trustee || p.care.Date > fact.Day(ask.Now) {
			continue // the register has no word for other forms of care
		}
		if about == nil {
			about = reply.Data.CreateElement("person")
			about.CreateElement("iin").SetText(iin)
		}
		named := p.guardian
		if role == "guardian" {
			named = p.ward
		}
		trustee(about, p.care, named)
	}
	return reply, nil
}

func trusteeAnswer(id string) *etree.Element {
	root := etree.NewElement("t:TrusteeResponse")
	root.CreateAttr("xmlns:t", trusteeSpace)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	put(root, "requestId", id)
	result := root.CreateElement("messageResult")
	put(result, "code", processed)
	put(result, "nameRu", "Сообщение успешно обработано")
	put(result, "nameKz", "Хабарлама сәтті өңделді")
	return root
}

func trustee(about *etree.Element, c population.Care, named *fact.Person) {
	at := about.CreateElement("eTrustee")
	put(at, "birthDate", string(named.Born))
	put(at, "guardian", strconv.FormatBool(c.Kind == fact.Guardian))
	put(at, "iin", named.IIN)
	put(at, "middleName", named.Name.Kk.Patronymic)
	put(at, "name", named.Name.Kk.Given)
	put(at, "solutionDate", string(c.Date))
	put(at, "solutionFinishDate", string(c.End))
	put(at, "surName", named.Name.Kk.Surname)
}

func put(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}
