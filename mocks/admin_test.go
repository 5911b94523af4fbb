package mocks

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// manage calls the management inside the process and decodes its JSON.
func manage(t *testing.T, w *World, method, path, body string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.RoundTripper().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get(shep.Header) != "1" {
		t.Error("the answer is not marked as one of a mock")
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatalf("%s %s: %d: %v: %s", method, path, resp.StatusCode, err, b)
		}
	}
	return resp.StatusCode
}

func TestManagePeople(t *testing.T) {
	t.Parallel()
	w := start(t)
	var got struct {
		People []struct {
			IIN      string
			Property struct{ ID, Kk, Ru, En string }
		}
		NotFound []string `json:"not_found"`
	}
	if status := manage(t, w, http.MethodGet, "/mock/people", "", &got); status != http.StatusOK {
		t.Fatal(status)
	}
	if len(got.People) != len(w.People.People()) || len(got.NotFound) != 3 || got.People[0].IIN == "" || got.People[0].Property.Kk == "" {
		t.Errorf("%+v", got)
	}
}

func TestManageFaults(t *testing.T) {
	t.Parallel()
	w := start(t)
	type list struct {
		Catalogue []faults.Fault
		Armed     []faults.Armed
		Error     string
	}
	tests := []struct {
		name, body string
		status     int
	}{
		{"right", `{"fault": "message-html", "times": 1, "delay": "1ms"}`, http.StatusCreated},
		{"for a service", `{"fault": "message-html", "service": "GBDFLUniversal_token"}`, http.StatusCreated},
		{"unknown fault", `{"fault": "nonsense"}`, http.StatusBadRequest},
		{"unknown service", `{"fault": "message-html", "service": "GBDUL"}`, http.StatusBadRequest},
		{"unknown field", `{"fault": "message-html", "probability": 0.5}`, http.StatusBadRequest},
		{"delay without unit", `{"fault": "message-html", "delay": "5"}`, http.StatusBadRequest},
		{"not JSON", `fault=message-html`, http.StatusBadRequest},
	}
	for _, tt := range tests {
		var got list
		if status := manage(t, w, http.MethodPost, "/mock/faults", tt.body, &got); status != tt.status {
			t.Errorf("%s: status %d", tt.name, status)
		}
		if (got.Error == "") != (tt.status == http.StatusCreated) {
			t.Errorf("%s: error %q", tt.name, got.Error)
		}
	}
	ask(w.People.ByKey("adult").IIN).send(t, w)
	var got list
	manage(t, w, http.MethodGet, "/mock/faults", "", &got)
	if len(got.Catalogue) != len(faults.Faults()) || got.Catalogue[0].Doc == "" || len(got.Armed) != 2 || got.Armed[0].Hits != 1 || got.Armed[1].Hits != 0 {
		t.Errorf("%d in the catalogue, armed %+v", len(got.Catalogue), got.Armed)
	}
	if status := manage(t, w, http.MethodDelete, "/mock/faults/message-html", "", nil); status != http.StatusNoContent || len(w.Armed()) != 0 {
		t.Errorf("status %d, armed %v", status, w.Armed())
	}
	if status := manage(t, w, http.MethodDelete, "/mock/faults/nonsense", "", nil); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	manage(t, w, http.MethodPost, "/mock/faults", `{"fault": "message-json"}`, nil)
	if status := manage(t, w, http.MethodDelete, "/mock/faults", "", nil); status != http.StatusNoContent || len(w.Armed()) != 0 {
		t.Errorf("status %d, armed %v", status, w.Armed())
	}
}

// TestManageReceived: ids and verdicts come out, the person asked about does not.
func TestManageReceived(t *testing.T) {
	t.Parallel()
	w := start(t)
	iin := w.People.ByKey("adult").IIN
	q := ask(iin)
	q.send(t, w)
	q.send(t, w) // a duplicate
	var raw json.RawMessage
	manage(t, w, http.MethodGet, "/mock/received", "", &raw)
	if strings.Contains(string(raw), iin) {
		t.Error("the IIN comes out")
	}
	var got struct{ Received []shep.Received }
	if err := json.Unmarshal(raw, &got); err != nil || len(got.Received) != 2 {
		t.Fatalf("%d messages: %v", len(got.Received), err)
	}
	if !got.Received[0].Accepted() || got.Received[1].Accepted() || got.Received[0].MessageID != q.messageID {
		t.Errorf("%+v", got.Received)
	}
	if status := manage(t, w, http.MethodDelete, "/mock/received", "", nil); status != http.StatusNoContent || len(w.Received()) != 0 {
		t.Errorf("status %d", status)
	}
}

func TestManagePKI(t *testing.T) {
	t.Parallel()
	w := start(t)
	var got map[string]string
	if status := manage(t, w, http.MethodGet, "/mock/pki", "", &got); status != http.StatusOK {
		t.Fatal(status)
	}
	for _, name := range []string{"roots", "intermediates", "known", "crls", "client_certificate"} {
		block, _ := pem.Decode([]byte(got[name]))
		if block == nil || strings.Contains(block.Type, "KEY") {
			t.Errorf("%s: %q", name, got[name])
		}
	}
}

// TestManageClock: what was fresh is not any more, and is again.
func TestManageClock(t *testing.T) {
	t.Parallel()
	w := start(t)
	if status := manage(t, w, http.MethodPut, "/mock/clock", `{"now": "2026-11-02T12:00:00Z"}`, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	checkRefusal(t, w, ask(w.People.ByKey("adult").IIN).send(t, w), shep.CheckSkew)
	if status := manage(t, w, http.MethodDelete, "/mock/clock", "", nil); status != http.StatusOK || !w.Now().Equal(noon) {
		t.Errorf("status %d, clock %v", status, w.Now())
	}
	verify(t, w, ask(w.People.ByKey("adult").IIN).send(t, w))
	for _, body := range []string{`{}`, `{"now": "tomorrow"}`} {
		if status := manage(t, w, http.MethodPut, "/mock/clock", body, nil); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", body, status)
		}
	}
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	if status := manage(t, start(t), http.MethodGet, "/nothing", "", nil); status != http.StatusNotFound {
		t.Error(status)
	}
}
