package mocks

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/life"
	"github.com/kopir-kz/kopir/mocks/population/persona"
)

// routeLives serves the people, and what happens to them.
func (w *World) routeLives(mux *http.ServeMux) {
	mux.HandleFunc("GET /mock/people", w.getPeople)
	mux.HandleFunc("GET /mock/people/generated", w.getGenerated)
	mux.HandleFunc("GET /mock/events", func(rw http.ResponseWriter, _ *http.Request) {
		reply(rw, http.StatusOK, map[string]any{"events": w.events(), "kinds": life.Kinds(), "registries": fact.Registries()})
	})
	mux.HandleFunc("POST /mock/events", w.postEvent)
	mux.HandleFunc("DELETE /mock/events", func(rw http.ResponseWriter, _ *http.Request) {
		w.People.Clear()
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /mock/events/{id}", w.deleteEvent)
}

func (w *World) getPeople(rw http.ResponseWriter, r *http.Request) {
	var where []persona.Criterion
	for _, text := range r.URL.Query()["where"] {
		c, err := persona.ParseCriterion(text)
		if err != nil {
			refuse(rw, err)
			return
		}
		where = append(where, c)
	}
	now := w.People.Now()
	found := persona.Find(now.Facts(), fact.Day(w.Now()), where...)
	reply(rw, http.StatusOK, map[string]any{"people": found, "not_found": now.NotFound(), "generated": now.Generated()})
}

// maxGenerated is how many generated people are shown at once.
const maxGenerated = 100

// getGenerated shows generated people by number, so that a caller learns whom to
// ask about.
func (w *World) getGenerated(rw http.ResponseWriter, r *http.Request) {
	from, count := 0, 10
	for name, into := range map[string]*int{"from": &from, "count": &count} {
		if text := r.URL.Query().Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				refuse(rw, errors.New("from and count are numbers"))
				return
			}
			*into = n
		}
	}
	now := w.People.Now()
	var people []*fact.Person
	for i := from; i < min(from+min(count, maxGenerated), now.Generated()); i++ {
		if one := now.GeneratedAt(i); one != nil {
			people = append(people, one)
		}
	}
	shown := persona.Find(&fact.Set{People: people, Entities: now.Facts().Entities}, fact.Day(w.Now()))
	reply(rw, http.StatusOK, map[string]any{"people": shown, "generated": now.Generated()})
}

// event is one event as the management shows it.
type event struct {
	ID     int                      `json:"id"`
	At     time.Time                `json:"at"`
	Event  string                   `json:"event"`
	Fields life.Event               `json:"fields"`
	Lags   map[fact.Registry]string `json:"lags,omitempty"`
}

func show(h life.Happened) event {
	e := event{h.ID, h.At, h.Event.Kind(), h.Event, map[fact.Registry]string{}}
	for r, lag := range h.Lags {
		e.Lags[r] = lag.String()
	}
	return e
}

func (w *World) events() []event {
	all := []event{}
	for _, h := range w.People.Events() {
		all = append(all, show(h))
	}
	return all
}

// postEvent reads {"event": kind, "lags": {registry: duration}} and, beside
// them, the fields of the event.
func (w *World) postEvent(rw http.ResponseWriter, r *http.Request) {
	fields := map[string]json.RawMessage{}
	if !decode(rw, r, &fields) {
		return
	}
	e, lags, err := readEvent(fields)
	if err != nil {
		refuse(rw, err)
		return
	}
	happened, err := w.People.Happen(e, lags)
	if err != nil {
		reply(rw, http.StatusConflict, map[string]string{"error": err.Error()})
		return
	}
	reply(rw, http.StatusCreated, show(happened))
}

func readEvent(fields map[string]json.RawMessage) (life.Event, map[fact.Registry]time.Duration, error) {
	var head struct {
		Kind string
		Lags map[string]string
	}
	for name, into := range map[string]any{"event": &head.Kind, "lags": &head.Lags} {
		if text, ok := fields[name]; ok {
			if err := json.Unmarshal(text, into); err != nil {
				return nil, nil, errors.New(`"event" is a kind, and "lags" durations by registry`)
			}
			delete(fields, name)
		}
	}
	lags := map[fact.Registry]time.Duration{}
	for name, text := range head.Lags {
		registry, err := fact.ParseRegistry(name)
		if err != nil {
			return nil, nil, err
		}
		if lags[registry], err = time.ParseDuration(text); err != nil {
			return nil, nil, errors.New(`a lag is text with a unit, such as "48h"`)
		}
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, nil, err
	}
	e, err := life.Decode(head.Kind, rest)
	return e, lags, err
}

func (w *World) deleteEvent(rw http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err == nil {
		err = w.People.Undo(id)
	}
	var refused *life.Refused
	switch {
	case err == nil:
		rw.WriteHeader(http.StatusNoContent)
	case errors.As(err, &refused):
		reply(rw, http.StatusConflict, map[string]string{"error": err.Error()})
	default:
		http.NotFound(rw, r)
	}
}
