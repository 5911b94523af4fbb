package mocks

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// routes: everything below /mock/ manages the world. Each set has a clear.
//
//	GET    /mock/people        who lives here, and what for (?where=key=value)
//	GET    /mock/people/generated?from=0&count=10   those behind them, by number
//	GET    /mock/events        what happened to the people
//	POST   /mock/events        let something happen: {"event", "lags"?, fields}
//	DELETE /mock/events        undo everything
//	DELETE /mock/events/{id}   undo one
//	GET    /mock/faults        the catalogue, and what is armed with its hits
//	POST   /mock/faults        arm one: {"fault", "service"?, "times"?, "delay"?}
//	DELETE /mock/faults        disarm all
//	DELETE /mock/faults/{id}   disarm one
//	GET    /mock/received      messages with the verdict of every check
//	DELETE /mock/received      forget them
//	GET    /mock/pki           what a gateway must trust, and its certificate (PEM)
//	       /mock/pki/…         OCSP, revocation lists, time-stamps (see pki.Services)
//	PUT    /mock/pki/trouble   make these fail: {"trouble": one of pki.Troubles}
//	DELETE /mock/pki/trouble   let them work again
//	GET    /mock/clock         the time here
//	PUT    /mock/clock         set it: {"now": RFC 3339}
//	DELETE /mock/clock         back to the real time
//	       /mock/canary        counts its visitors
func (w *World) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(shep.Path, w.shep)
	w.routeLives(mux)
	mux.HandleFunc("GET /mock/faults", w.getFaults)
	mux.HandleFunc("POST /mock/faults", w.postFault)
	mux.HandleFunc("DELETE /mock/faults", func(rw http.ResponseWriter, _ *http.Request) {
		w.Clear("")
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /mock/faults/{id}", w.deleteFault)
	mux.HandleFunc("GET /mock/received", func(rw http.ResponseWriter, _ *http.Request) {
		reply(rw, http.StatusOK, map[string]any{"received": w.Received(), "canary_visits": w.CanaryVisits()})
	})
	mux.HandleFunc("DELETE /mock/received", func(rw http.ResponseWriter, _ *http.Request) {
		w.Forget()
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+pathPKI, w.getPKI)
	mux.Handle(pathPKI+"/", http.StripPrefix(pathPKI, w.Authority))
	mux.HandleFunc("PUT "+pathPKI+"/trouble", w.putTrouble)
	mux.HandleFunc("DELETE "+pathPKI+"/trouble", func(rw http.ResponseWriter, _ *http.Request) {
		w.Authority.Let(pki.NoTrouble)
		rw.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /mock/clock", w.getClock)
	mux.HandleFunc("PUT /mock/clock", w.putClock)
	mux.HandleFunc("DELETE /mock/clock", func(rw http.ResponseWriter, r *http.Request) {
		w.ResetClock()
		w.getClock(rw, r)
	})
	mux.HandleFunc(shep.CanaryPath, func(rw http.ResponseWriter, _ *http.Request) {
		w.canary.Add(1)
		rw.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set(shep.Header, "1")
		mux.ServeHTTP(rw, r)
	})
}

func (w *World) getFaults(rw http.ResponseWriter, _ *http.Request) {
	reply(rw, http.StatusOK, map[string]any{"catalogue": faults.Faults(), "armed": w.Armed(), "services": w.Services()})
}

func (w *World) postFault(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		faults.Arming
		Delay string `json:"delay"`
	}
	if !decode(rw, r, &in) {
		return
	}
	if in.Delay != "" {
		d, err := time.ParseDuration(in.Delay)
		if err != nil {
			refuse(rw, errors.New(`delay is text with a unit, such as "2s"`))
			return
		}
		in.Arming.Delay = d
	}
	if _, known := w.services()[in.Service]; in.Service != "" && !known {
		refuse(rw, errors.New("no such service; GET /mock/faults lists them"))
		return
	}
	if err := w.Arm(in.Arming); err != nil {
		refuse(rw, err)
		return
	}
	reply(rw, http.StatusCreated, map[string]any{"armed": w.Armed()})
}

func (w *World) deleteFault(rw http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, ok := faults.Find(id); !ok {
		http.NotFound(rw, r)
		return
	}
	w.Clear(id)
	rw.WriteHeader(http.StatusNoContent)
}

func (w *World) getPKI(rw http.ResponseWriter, _ *http.Request) {
	var pem struct {
		Suite         string `json:"suite"`
		Roots         string `json:"roots"`
		TLSRoots      string `json:"tls_roots"`
		Intermediates string `json:"intermediates"`
		Known         string `json:"known"` // certificates of ШЭП and registry
		CRLs          string `json:"crls"`
		Client        string `json:"client_certificate"`
	}
	known, err := w.PKI.Known()
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	client, err := w.PKI.Identity(pki.Client)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	pem.Suite = string(w.PKI.Suite())
	pem.TLSRoots = string(pki.CertificatePEM(w.PKI.TLSRoots()...))
	pem.Roots = string(pki.CertificatePEM(w.PKI.Roots()...))
	pem.Intermediates = string(pki.CertificatePEM(w.PKI.Intermediates()...))
	pem.Known = string(pki.CertificatePEM(known...))
	pem.CRLs = string(w.PKI.CRLPEM())
	pem.Client = string(pki.CertificatePEM(client.Certificate))
	reply(rw, http.StatusOK, pem)
}

func (w *World) putTrouble(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		Trouble pki.Trouble `json:"trouble"`
	}
	if !decode(rw, r, &in) {
		return
	}
	if !slices.Contains(pki.Troubles(), in.Trouble) {
		refuse(rw, fmt.Errorf("trouble is one of %q", pki.Troubles()))
		return
	}
	w.Authority.Let(in.Trouble)
	reply(rw, http.StatusOK, map[string]any{"trouble": in.Trouble})
}

func (w *World) getClock(rw http.ResponseWriter, _ *http.Request) {
	reply(rw, http.StatusOK, map[string]any{"now": w.Now()})
}

func (w *World) putClock(rw http.ResponseWriter, r *http.Request) {
	var in struct {
		Now time.Time `json:"now"`
	}
	if !decode(rw, r, &in) {
		return
	}
	if in.Now.IsZero() {
		refuse(rw, errors.New("now is missing"))
		return
	}
	w.SetClock(in.Now)
	w.getClock(rw, r)
}

// maxAdmin bounds a request to the management in bytes.
const maxAdmin = 64 << 10

// decode reads a JSON body strictly; it answers and tells false if it cannot.
func decode(rw http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxAdmin))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		refuse(rw, errors.New("the body is not the JSON object that is expected: "+err.Error()))
		return false
	}
	return true
}

func refuse(rw http.ResponseWriter, err error) {
	reply(rw, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func reply(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	e := json.NewEncoder(rw)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // the caller may have gone
}
