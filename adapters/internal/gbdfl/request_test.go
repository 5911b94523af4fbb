package gbdfl

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

func meta() gateway.Meta {
	return gateway.Meta{
		MessageID: "6f0c2c1e-4d1b-4c1e-9a00-000000000001",
		Date:      time.Date(2025, 9, 1, 10, 0, 0, 0, time.FixedZone("", 5*60*60)),
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	const head = `<mes:Request xmlns:mes="http://message.persistence.interactive.nat">` +
		`<messageId>6f0c2c1e-4d1b-4c1e-9a00-000000000001</messageId><messageDate>2025-09-01T10:00:00.000+05:00</messageDate>`
	for _, tt := range []struct {
		name string
		q    Question
		meta func(*gateway.Meta)
		want string // after head, without the end tag
	}{
		{
			"by IIN, no sender code",
			Question{IIN: "904315401016"},
			nil,
			`<senderCode></senderCode><iin>904315401016</iin>`,
		},
		{
			"by document",
			Question{DocumentNumber: "990000001"},
			func(m *gateway.Meta) { m.SenderCode = "EXAMPLE" },
			`<senderCode>EXAMPLE</senderCode><documentNumber>990000001</documentNumber>`,
		},
		{
			"by name, order of the schema",
			Question{Surname: "СЫНАҚОВА", Name: "АЙГЕРІМ", Patronymic: "ТЕСТҚЫЗЫ", BirthDate: "1990-03-15"},
			nil,
			`<senderCode></senderCode><surname>СЫНАҚОВА</surname><name>АЙГЕРІМ</name><patronymic>ТЕСТҚЫЗЫ</patronymic><birthDate>1990-03-15</birthDate>`,
		},
		{
			"name part left out",
			Question{Surname: "СЫНАҚОВА", BirthDate: "1990-03-15"},
			nil,
			`<senderCode></senderCode><surname>СЫНАҚОВА</surname><birthDate>1990-03-15</birthDate>`,
		},
		{
			"markup is escaped",
			Question{Surname: "</surname><iin>&", BirthDate: "1990-03-15"},
			nil,
			`<senderCode></senderCode><surname>&lt;/surname&gt;&lt;iin&gt;&amp;</surname><birthDate>1990-03-15</birthDate>`,
		},
		{
			"token without white space",
			Question{IIN: "904315401016"},
			func(m *gateway.Meta) { m.ConsentToken, m.ConsentKey = " ab\r\ncd\t", "MF\nYw==\n" },
			`<senderCode></senderCode><iin>904315401016</iin><kdpToken>abcd</kdpToken><publicKey>MFYw==</publicKey>`,
		},
		{
			"UTC is an explicit offset",
			Question{IIN: "904315401016"},
			func(m *gateway.Meta) { m.Date = m.Date.UTC() },
			`<senderCode></senderCode><iin>904315401016</iin>`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, want := meta(), head+tt.want+"</mes:Request>"
			if tt.meta != nil {
				tt.meta(&m)
			}
			if m.Date.Location() == time.UTC {
				want = strings.Replace(want, "10:00:00.000+05:00", "05:00:00.000Z", 1)
			}
			got, err := Request(tt.q, m)
			if err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestRequestRefusesMeta(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		meta func(*gateway.Meta)
	}{
		{"no id", func(m *gateway.Meta) { m.MessageID = "" }},
		{"long id", func(m *gateway.Meta) { m.MessageID += "0" }},
		{"Cyrillic id", func(m *gateway.Meta) { m.MessageID = "хабарлама" }},
		{"space in the id", func(m *gateway.Meta) { m.MessageID = "a b" }},
		{"no date", func(m *gateway.Meta) { m.Date = time.Time{} }},
		{"token without key", func(m *gateway.Meta) { m.ConsentToken = "t" }},
		{"key without token", func(m *gateway.Meta) { m.ConsentKey = "k" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := meta()
			tt.meta(&m)
			if b, err := Request(Question{IIN: "904315401016"}, m); b != nil || !errors.Is(err, fault.Internal) {
				t.Errorf("got %s, %v", b, err)
			}
		})
	}
}
