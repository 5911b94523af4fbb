package civilregistry_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	const start = `<act:Request xmlns:act="https://github.com/kopir-kz/kopir/contracts/civil-act/1">` +
		`<messageId>question-1</messageId><messageDate>2025-09-01T10:00:00.000+05:00</messageDate>`
	for _, tt := range []struct {
		name  string
		query gateway.CivilActQuery
		meta  func(*gateway.Meta)
		want  string // between start and the end tag
	}{
		{"by person", as(mother, gateway.ActRoleParent), nil, `<senderCode></senderCode><iin>` + mother + `</iin><role>parent</role>`},
		{
			"two kinds", as(mother, gateway.ActRoleSpouse, gateway.ActKindMarriage, gateway.ActKindDivorce), func(m *gateway.Meta) { m.SenderCode = "EXAMPLE" },
			`<senderCode>EXAMPLE</senderCode><iin>` + mother + `</iin><role>spouse</role><actType>03</actType><actType>04</actType>`,
		},
		{"by act, in the order of the schema", byAct, nil, `<senderCode></senderCode><numberAkt>99-0902</numberAkt><zags>7101</zags><regDate>2025-08-22</regDate>`},
		{
			"markup is escaped",
			gateway.CivilActQuery{ActNumber: "1", RegistryOffice: "</zags>&", RegistrationDate: "2025-08-22"},
			nil,
			`<senderCode></senderCode><numberAkt>1</numberAkt><zags>&lt;/zags&gt;&amp;</zags><regDate>2025-08-22</regDate>`,
		},
		{
			"token without white space", as(mother, gateway.ActRoleChild), func(m *gateway.Meta) { m.ConsentToken, m.ConsentKey = " ab\r\ncd\t", "MF\nYw==\n" },
			`<senderCode></senderCode><iin>` + mother + `</iin><role>child</role><kdpToken>abcd</kdpToken><publicKey>MFYw==</publicKey>`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := meta()
			if tt.meta != nil {
				tt.meta(&m)
			}
			got, err := civilregistry.New(adaptertest.Codes(t)).Request(tt.query, m)
			if err != nil || string(got) != start+tt.want+"</act:Request>" {
				t.Errorf("got  %s, %v\nwant %s", got, err, start+tt.want)
			}
		})
	}
}

func TestRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		query gateway.Query
		meta  func(*gateway.Meta)
	}{
		{"another query", gateway.SubjectQuery{IIN: mother}, nil},
		{"nobody", gateway.CivilActQuery{}, nil},
		{"two modes", gateway.CivilActQuery{IIN: mother, ActNumber: "1"}, nil},
		{"no id", byAct, func(m *gateway.Meta) { m.MessageID = "" }},
		{"long id", byAct, func(m *gateway.Meta) { m.MessageID = strings.Repeat("1", 37) }},
		{"Cyrillic id", byAct, func(m *gateway.Meta) { m.MessageID = "хабарлама" }},
		{"space in the id", byAct, func(m *gateway.Meta) { m.MessageID = "a b" }},
		{"no date", byAct, func(m *gateway.Meta) { m.Date = time.Time{} }},
		{"token without key", byAct, func(m *gateway.Meta) { m.ConsentToken = "t" }},
		{"key without token", byAct, func(m *gateway.Meta) { m.ConsentKey = "k" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := meta()
			if tt.meta != nil {
				tt.meta(&m)
			}
			a := civilregistry.New(adaptertest.Codes(t))
			if b, err := a.Request(tt.query, m); b != nil || !errors.Is(err, fault.Internal) {
				t.Errorf("got %s, %v", b, err)
			}
			if tt.meta == nil {
				if _, err := a.Answer(tt.query, m, gateway.Payload{}); !errors.Is(err, fault.Internal) {
					t.Errorf("Answer: %v", err)
				}
			}
		})
	}
	if _, err := civilregistry.New(adaptertest.Codes(t)).Answer(byAct, meta(), gateway.Payload{}); !errors.Is(err, fault.ContractViolation) {
		t.Errorf("no payload: %v", err)
	}
}
