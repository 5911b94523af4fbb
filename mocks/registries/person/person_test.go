package person

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/shep"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func people(t *testing.T) *population.Population {
	t.Helper()
	p, err := population.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	names, err := fs.Glob(contracts.Examples(), "*/search/*/request.xml")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d examples: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(path.Dir(name), func(t *testing.T) {
			t.Parallel()
			b, err := fs.ReadFile(contracts.Examples(), name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := xmltext.Parse(b, xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			ask := payload(doc.Root())
			if ask.ServiceID != ServiceUniversal && ask.ServiceID != ServiceToken {
				t.Skip("a request to another registry")
			}
			r := &Registry{People: p, Token: ask.ServiceID == ServiceToken}
			reply, err := r.Answer(ask)
			var refusal *shep.Refusal
			if errors.As(err, &refusal) || err != nil {
				t.Fatal(err)
			}
			if reply.RequestID == "" || reply.Data == nil {
				t.Error("an answer without request id or data")
			}
		})
	}
}

// payload finds service and registry request of a whole envelope: the child of
// data, or data itself if it has a type.
func payload(envelope xmltext.Node) shep.Ask {
	request := envelope.Child("http://schemas.xmlsoap.org/soap/envelope/", "Body").First().ChildNamed("request")
	data := request.ChildNamed("requestData").ChildNamed("data")
	ask := shep.Ask{ServiceID: request.ChildNamed("requestInfo").ChildNamed("serviceId").Text(), Now: noon}
	if typ, ok := data.Attr(xsiSpace, "type"); ok {
		prefix, local, _ := strings.Cut(typ, ":")
		ask.Payload, ask.Local = data, local
		ask.Space, _ = data.Lookup(prefix)
		return ask
	}
	root := data.First()
	ask.Payload, ask.Space, ask.Local = root, root.Space(), root.Local()
	return ask
}

// TestCodesOfTheContract: where the contract lists a code, the registry shows
// the same texts.
func TestCodesOfTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]string{
		"gender": "gender", "country": "country", "life_status": "lifeStatus", "document_type": "documentType",
		"document_status": "documentStatus", "issuer": "issuer", "address_status": "addressStatus",
		"address_invalidity": "addressInvalidity", "address_type": "addressType",
	}
	for list, dictionary := range ours {
		for _, code := range p.Codes(dictionary) {
			if _, ok := lists[list].Code(code); !ok {
				t.Errorf("%s: the contract has no code %s", list, code)
			}
		}
	}
}

func TestAnswerIsWhatTheRegistrySays(t *testing.T) {
	t.Parallel()
	r := &Registry{People: people(t)}
	tests := []struct {
		name, payload string
		refused       string // part of the refusal; "" for an answer
		found         int
	}{
		{"by IIN", head + "<iin>854412301015</iin>", "", 1},
		{"by document", head + "<documentNumber>990000101</documentNumber>", "", 1},
		{"namesakes", head + "<surname>Сынақова</surname><name>Гүлнар</name><patronymic>Қайратқызы</patronymic><birthDate>1970-05-09</birthDate>", "", 2},
		{"an omitted patronymic means none", head + "<surname>Сынақова</surname><name>Гүлнар</name><birthDate>1970-05-09</birthDate>", "", 0},
		{"nobody", head + "<iin>995231309018</iin>", "", 0},
		{"long messageId", strings.Replace(head, "<messageId>1", "<messageId>"+strings.Repeat("1", 37), 1) + "<iin>854412301015</iin>", "36 Latin characters", 0},
		{"Cyrillic messageId", strings.Replace(head, "<messageId>1", "<messageId>ж", 1) + "<iin>854412301015</iin>", "36 Latin characters", 0},
		{"messageDate", strings.Replace(head, "T12:00:00Z", "", 1) + "<iin>854412301015</iin>", "messageDate", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := xmltext.Parse([]byte("<Request>"+tt.payload+"</Request>"), xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			reply, err := r.Answer(shep.Ask{Payload: doc.Root(), Space: messageSpace, Local: "Request", Now: noon})
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := len(reply.Data.FindElements("persons/person")); got != tt.found {
				t.Errorf("found %d, want %d", got, tt.found)
			}
		})
	}
}

const head = "<messageId>1</messageId><messageDate>2026-11-01T12:00:00Z</messageDate><senderCode></senderCode>"
