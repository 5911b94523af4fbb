package faults

import (
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/registries/guardianship"
	"github.com/kopir-kz/kopir/mocks/registries/labour"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/registries/taxpayer"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// registryFaults let the registry say no, each in its own way. All of them are
// signed inside and out, but for the one that has no data.
func registryFaults() []Fault {
	says := func(id, doc, status string, code person.Code) Fault {
		return onMessage("registry-"+id, doc, func(m *shep.Message) {
			m.Status = shep.Status{Code: status, Message: code.Ru()}
			if status == shep.Success {
				m.Status = shep.Processed()
			}
			result(m, code)
		})
	}
	return []Fault{
		says("not-found", "nobody found: SCSS001, messageResult 00000 and no element persons", shep.Success, person.Processed),
		onMessage("registry-not-found-empty", "nobody found: SCSS001, messageResult 00000 and an empty element persons", func(m *shep.Message) {
			result(m, person.Processed)
			if m.Data != nil {
				m.Data.CreateElement("persons")
			}
		}),
		says("not-found-code", "nobody found: SCSE001 with messageResult 404", shep.Failure, person.NoRecord),
		onMessage("registry-not-found-status", "nobody found: SCSE001 and an empty responseData", func(m *shep.Message) {
			m.Status = shep.Status{Code: shep.Failure, Message: person.NoRecord.Ru()}
			m.Data = nil
		}),
		says("refused", "no rights: SCSE002 with messageResult 40301", shep.BusinessError, person.Refused),
		says("no-consent", "no consent token: SCSE002 with messageResult 40101", shep.BusinessError, person.ConsentMissing),
		says("token-expired", "consent token expired: SCSE002 with messageResult 40103", shep.BusinessError, person.ConsentExpired),
		says("token-other-service", "consent token for another service: SCSE002 with messageResult 40104", shep.BusinessError, person.ConsentOther),
		says("internal-error", "unhandled exception: SCSE003 with messageResult 50001", shep.Unhandled, person.Broken),
		says("maintenance", "maintenance: SCSE001 with messageResult 50301", shep.Failure, person.Maintenance),
		says("overload", "overload: SCSE001 with messageResult 50302", shep.Failure, person.Overloaded),
	}
}

// result replaces the registry's own status, messageResult, systemInfo/Status or
// result_code, and takes the records away.
func result(m *shep.Message, code person.Code) {
	if m.Data == nil {
		return
	}
	if m.Data.Tag == guardianship.Record || m.Data.Tag == guardianship.List {
		m.Data = guardianship.Nothing(string(code))
		return
	}
	neighbour(m.Data, code)
	remove(m.Data, "persons", "acts", "person", "objects")
	if at := m.Data.SelectElement("messageResult"); at != nil {
		setText(at, "code", string(code))
		setText(at, "nameRu", code.Ru())
		setText(at, "nameKz", code.Kk())
	}
	if at := m.Data.SelectElement("systemInfo"); at != nil {
		setText(at, "Status", status(code))
		empty(m.Data.SelectElement("responseData"))
	}
}

// status is a code in the words of the Ministry of Labour.
func status(code person.Code) string {
	if code == person.Processed {
		return labour.Processed
	}
	return string(code)
}

// empty takes everything out of an element.
func empty(e *etree.Element) {
	if e != nil {
		e.Child = nil
	}
}

// neighbour does the same to the answers of ПЭП, ГБД ЮЛ and КГД, each in its own
// words. ПЭП has none for a refusal: there the status of the message tells alone.
func neighbour(data *etree.Element, code person.Code) {
	remove(data, "Organization", "taxpayer")
	switch {
	case data.SelectElement("AccountCreditingType") != nil:
		if code == person.Processed || code == person.NoRecord {
			setText(data, "Status", "not_found")
		}
	case data.SelectElement("result") != nil:
		if code == person.Processed {
			code = taxpayer.Processed
		}
		setText(data.SelectElement("result"), "code", string(code))
	case data.SelectElement("Status") != nil:
		setText(data.SelectElement("Status"), "Code", string(code))
	}
}

// pause is how long a slow answer takes on top of the delay of its arming.
const pause = 3 * time.Second

func timingFaults() []Fault {
	return []Fault{
		{ID: "timing-delay", Doc: "an honest answer after three seconds; an arming may add to them", Stages: shep.Stages{Delay: pause}},
	}
}
