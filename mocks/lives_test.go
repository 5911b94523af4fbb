package mocks

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// shown is what the management tells about people.
type shown struct {
	People []struct {
		Key, IIN string
		Property struct{ ID string }
	}
	Generated int
	Error     string
}

func TestManagePeopleWhere(t *testing.T) {
	t.Parallel()
	w := start(t)
	var got shown
	if status := manage(t, w, http.MethodGet, "/mock/people?where=disability=II&where=sex=male", "", &got); status != http.StatusOK ||
		len(got.People) != 1 || got.People[0].Key != "host-father" || got.People[0].Property.ID != "disability-group-2" {
		t.Errorf("%d %+v", status, got)
	}
	got = shown{}
	if status := manage(t, w, http.MethodGet, "/mock/people?where=mood=good", "", &got); status != http.StatusBadRequest || !strings.Contains(got.Error, "has-account") {
		t.Errorf("%d %+v", status, got)
	}
}

// TestManageGenerated: what the management shows of the generated people can be
// asked about.
func TestManageGenerated(t *testing.T) {
	t.Parallel()
	people, err := sharedPeople()
	if err != nil {
		t.Fatal(err)
	}
	if people, err = people.WithGenerated(7, 1_000_000); err != nil {
		t.Fatal(err)
	}
	w := start(t, func(o *Options) { o.People = people })
	var got shown
	if status := manage(t, w, http.MethodGet, "/mock/people/generated?from=999995&count=10", "", &got); status != http.StatusOK || len(got.People) != 5 || got.Generated != 1_000_000 {
		t.Fatalf("%d %+v", status, got)
	}
	for _, one := range got.People {
		if iin := path(verify(t, w, ask(one.IIN).send(t, w)), "persons", "person", "iin").Text(); iin != one.IIN {
			t.Error("the answer is about somebody else")
		}
	}
	for query, want := range map[string]int{"": 10, "?count=1000": maxGenerated, "?from=1000000": 0, "?count=0": 0} {
		got = shown{}
		if manage(t, w, http.MethodGet, "/mock/people/generated"+query, "", &got); len(got.People) != want {
			t.Errorf("%q: %d people", query, len(got.People))
		}
	}
	for _, query := range []string{"?from=-1", "?from=x", "?count=1.5"} {
		if status := manage(t, w, http.MethodGet, "/mock/people/generated"+query, "", nil); status != http.StatusBadRequest {
			t.Errorf("%q: status %d", query, status)
		}
	}
}

// TestManageEvents: what happens to a person is in the next answer, and is not
// after it was undone.
func TestManageEvents(t *testing.T) {
	t.Parallel()
	w := start(t)
	iin := w.People.ByKey("adult").IIN
	died := func() string {
		return path(verify(t, w, ask(iin).send(t, w)), "persons", "person", "deathDate").Text()
	}
	var one recorded
	if status := manage(t, w, http.MethodPost, "/mock/events", `{"event": "death", "person": "adult", "date": "2026-10-31"}`, &one); status != http.StatusCreated || one.ID != 1 || one.Event != "death" || one.Fields["person"] != "adult" {
		t.Fatalf("%d %+v", status, one)
	}
	if got := died(); got != "2026-10-31" {
		t.Errorf("died on %q", got)
	}
	var list struct {
		Events []recorded
		Kinds  []string
	}
	if manage(t, w, http.MethodGet, "/mock/events", "", &list); len(list.Events) != 1 || len(list.Kinds) != 7 {
		t.Errorf("%+v", list)
	}
	if status := manage(t, w, http.MethodDelete, "/mock/events/1", "", nil); status != http.StatusNoContent || died() != "" {
		t.Errorf("status %d, died on %q", status, died())
	}
	for _, id := range []string{"1", "99", "x"} {
		if status := manage(t, w, http.MethodDelete, "/mock/events/"+id, "", nil); status != http.StatusNotFound {
			t.Errorf("%s: status %d", id, status)
		}
	}
	manage(t, w, http.MethodPost, "/mock/events", `{"event": "birth", "mother": "compound-name", "sex": "male",
		"name": {"kk": {"given": "Жаңа"}, "ru": {"given": "Жана"}, "latin": {"given": "ZHANA"}}}`, nil)
	people := w.People.People()
	manage(t, w, http.MethodPost, "/mock/events", `{"event": "death", "person": "`+people[len(people)-1].Key+`"}`, nil)
	if status := manage(t, w, http.MethodDelete, "/mock/events/2", "", &list); status != http.StatusConflict {
		t.Errorf("a birth is undone before the death: status %d", status)
	}
	if status := manage(t, w, http.MethodDelete, "/mock/events", "", nil); status != http.StatusNoContent || len(w.People.Events()) != 0 {
		t.Errorf("status %d", status)
	}
}

// recorded is an event as a caller reads it.
type recorded struct {
	ID     int
	Event  string
	Fields map[string]any
	Lags   map[string]string
}

func TestManageEventsWithLag(t *testing.T) {
	t.Parallel()
	w := start(t)
	iin := w.People.ByKey("widow").IIN
	var one recorded
	if status := manage(t, w, http.MethodPost, "/mock/events", `{"event": "death", "person": "`+iin+`", "lags": {"person": "36h"}}`, &one); status != http.StatusCreated || one.Lags["person"] != "36h0m0s" {
		t.Fatalf("%d %+v", status, one)
	}
	if v := w.People.View(fact.RegistryPerson).Person(iin); v.Died != "" {
		t.Error("ГБД ФЛ knows at once")
	}
	if v := w.People.View(fact.RegistryCivil).Person(iin); v.Died == "" {
		t.Error("the civil registry does not know")
	}
	w.SetClock(noon.Add(36 * time.Hour))
	if v := w.People.View(fact.RegistryPerson).Person(iin); v.Died == "" {
		t.Error("ГБД ФЛ does not know after the lag")
	}
}

func TestManageEventsRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	for body, want := range map[string]int{
		`{"event": "death", "person": "nobody"}`:                             http.StatusConflict,
		`{"event": "marriage", "husband": "adult", "wife": "single-mother"}`: http.StatusConflict,
		`{"event": "death", "person": "adult", "lags": {"person": "-1h"}}`:   http.StatusConflict,
		`{"event": "death", "person": "adult", "lags": {"library": "1h"}}`:   http.StatusBadRequest,
		`{"event": "death", "person": "adult", "lags": {"person": "soon"}}`:  http.StatusBadRequest,
		`{"event": "death", "person": "adult", "lags": {"person": 5}}`:       http.StatusBadRequest,
		`{"event": "death", "who": "adult"}`:                                 http.StatusBadRequest,
		`{"event": "party"}`:                                                 http.StatusBadRequest,
		`{"event": 5}`:                                                       http.StatusBadRequest,
		`{}`:                                                                 http.StatusBadRequest,
		`[]`:                                                                 http.StatusBadRequest,
		`death`:                                                              http.StatusBadRequest,
		`{"event": "death", "person": "` + strings.Repeat("x", maxAdmin) + `"}`: http.StatusBadRequest,
	} {
		var got struct{ Error string }
		if status := manage(t, w, http.MethodPost, "/mock/events", body, &got); status != want || got.Error == "" {
			t.Errorf("%.70s: status %d %q", body, status, got.Error)
		}
	}
	if len(w.People.Events()) != 0 {
		t.Error("something happened")
	}
}

// TestMagicPeople: whoever asks about one gets a fault of its group and needs to
// arm none; others are answered honestly all the while.
func TestMagicPeople(t *testing.T) {
	t.Parallel()
	w := start(t)
	honest := func(t *testing.T) {
		t.Helper()
		verify(t, w, ask(w.People.ByKey("adult").IIN).send(t, w))
	}
	groups := map[faults.Group]bool{}
	for _, one := range w.People.People() {
		if one.Fault == "" {
			continue
		}
		f, ok := faults.Find(one.Fault)
		if !ok {
			t.Fatalf("%s: no fault %q", one.Key, one.Fault)
		}
		groups[f.Group] = true
		if f.Group == faults.Timing {
			continue // an honest answer, seconds later
		}
		t.Run(one.Key, func(t *testing.T) {
			t.Parallel()
			want := fmt.Sprint(f.Group)
			switch a := ask(one.IIN).send(t, w); f.Group {
			case faults.Signature:
				if _, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon}); err == nil {
					t.Errorf("%s: the signature holds", want)
				}
			case faults.Message:
				if !strings.Contains(a.body, "<html") {
					t.Errorf("%s: %.100s", want, a.body)
				}
			case faults.Transport:
				if a.err == nil {
					t.Errorf("%s: there is an answer", want)
				}
			case faults.Payload:
				if !strings.Contains(a.body, "<!DOCTYPE") {
					t.Errorf("%s: %.100s", want, a.body)
				}
			case faults.Registry:
				if code := path(verify(t, w, a), "messageResult", "code").Text(); code != "50301" {
					t.Errorf("%s: %s", want, code)
				}
			}
			honest(t)
		})
	}
	if len(groups) != 6 {
		t.Errorf("magic people for %v", groups)
	}
	if len(w.Armed()) != 0 {
		t.Error("a fault is armed")
	}
}
