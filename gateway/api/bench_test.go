package api_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
)

// BenchmarkAPI is everything of a call but the exchange and the sockets:
// routing, authentication, the checks of the body, the answer as JSON, log and
// metrics. The size is that of the registry's answer, of about 1 KB for each
// document of a person.
func BenchmarkAPI(b *testing.B) {
	for _, kb := range []int{4, 8, 30} {
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			w := newWorld(b, answers(gateway.Persons{person(kb)}, nil), func(o *api.Options) {
				o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
			})
			rec := &discard{header: http.Header{}}
			r := w.newRequest(personRoute, goodPerson)
			b.ReportAllocs()
			for b.Loop() {
				clear(rec.header)
				r.Body = io.NopCloser(strings.NewReader(goodPerson))
				if w.ServeHTTP(rec, r); rec.status != http.StatusOK {
					b.Fatal(rec.status)
				}
			}
		})
	}
}

// discard is a ResponseWriter that keeps the status only.
type discard struct {
	*httptest.ResponseRecorder
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// person has an address and as many documents as the registry might list.
func person(documents int) gateway.Person {
	code := func(id, kk, ru string) gateway.Code {
		return gateway.Code{Code: id, KK: kk, RU: ru, Known: true, ChangedAt: time.Date(2013, 2, 14, 0, 0, 0, 0, time.FixedZone("", 6*60*60))}
	}
	p := gateway.Person{
		IIN: "904315401016", Surname: "Сынақов", GivenName: "Ерлан", SecondName: "Сынақұлы", BirthDate: "1990-03-15",
		Gender: code("1", "Ер", "Мужской"), Nationality: code("005", "Қазақ", "Казах"),
		Citizenship: code("398", "Қазақстан", "Казахстан"), LifeStatus: code("0", "Тірі", "Жив"), Sex: gateway.SexMale,
		RegistrationAddress: gateway.Address{
			BeginDate: "2015-06-01", Country: code("398", "Қазақстан", "Казахстан"), District: code("1902", "Алматы облысы", "Алматинская область"),
			Locality: gateway.LocalText{KK: "Сынақ ауылы", RU: "аул Сынақ"}, Building: "7А",
		},
		Documents: make([]gateway.Document, documents),
	}
	for i := range p.Documents {
		p.Documents[i] = gateway.Document{
			Type: code("002", "ҚР жеке куәлігі", "Удостоверение личности РК"), Number: fmt.Sprintf("98%07d", i),
			BeginDate: "2001-02-03", EndDate: "2011-02-02", Issuer: code("002", "ҚР ІІМ", "МВД РК"),
			Status: code("17", "Ауыстырылды", "Заменен"), InvalidityDate: "2010-04-05",
			Surname: "Сынақов", GivenName: "Ерлан", SecondName: "Сынақұлы", BirthDate: "1990-03-15",
		}
	}
	return p
}
