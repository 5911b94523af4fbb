package contracts_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/contracts"
)

// schemaOf names the schema of an example. That of the messages of an operation
// is registries/<registry>/<operation>.xsd after the folder of the example; the
// universal service of ГБД ФЛ serves two folders, and its two forms differ in
// the request.
func schemaOf(name string, b []byte) string {
	folders := strings.Split(name, "/")
	switch {
	case bytes.Contains(b, []byte("<serviceId>GBDFLUniversal_token</serviceId>")):
		return "registries/person/universal-token.xsd"
	case folders[0] == "person" || folders[0] == "address" || folders[0] == "shep":
		return "registries/person/universal.xsd"
	}
	return "registries/" + folders[0] + "/" + folders[1] + ".xsd"
}

// inner is the document that data carries as text, "" if it carries none.
func inner(t *testing.T, b []byte) string {
	t.Helper()
	depth, text := 0, ""
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth > 0 || token.Name.Local == "data" {
				depth++
			}
		case xml.CharData:
			if depth == 1 {
				text += string(token)
			}
		case xml.EndElement:
			if depth == 1 {
				if text = strings.TrimSpace(text); strings.HasPrefix(text, "<") {
					return text
				}
				return ""
			}
			depth = max(depth-1, 0)
		}
	}
}

// validate runs xmllint and gives its complaints; none means that the document
// is valid.
func validate(t *testing.T, schema string, b []byte) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	cmd := exec.CommandContext(t.Context(), path, "--nonet", "--noout", "--schema", schema, "-")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &exit) && exit.ExitCode() == 3: // "Validation error", xmllint(1)
		return string(out)
	default:
		t.Fatalf("xmllint: %v: %s", err, out)
		return ""
	}
}

func xmlExamples(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(contracts.Examples(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".xml") {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) < 40 {
		t.Fatalf("%d examples: %v", len(names), err)
	}
	return names
}

func TestExamplesFitTheSchemas(t *testing.T) {
	t.Parallel()
	for _, name := range xmlExamples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := read(t, name)
			complaint := validate(t, schemaOf(name, b), b)
			switch tolerated := strings.HasPrefix(name, "shep/tolerated/"); {
			case tolerated && complaint == "":
				t.Error("valid, but listed among those that break the schema")
			case !tolerated && complaint != "":
				t.Error(complaint)
			}
			// Documents in text have a schema of their own beside the messages'.
			document := inner(t, b)
			if document == "" || strings.HasPrefix(name, "shep/") {
				return
			}
			schema := strings.TrimSuffix(schemaOf(name, b), ".xsd") + "-payload.xsd"
			if complaint := validate(t, schema, []byte(document)); complaint != "" {
				t.Error(complaint)
			}
		})
	}
}

// TestSchemasRefuse shows that the schemas say no, each time for one changed
// place in an example that is valid otherwise.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	const request, answer, token = "person/search/by-iin/request.xml", "person/search/every-field/answer.xml", "person/search/with-token/request.xml"
	for _, tt := range []struct{ name, example, old, new string }{
		{"qualified child below the wrapper", request, "<requestInfo>", `<requestInfo xmlns="http://bip.bee.kz/SyncChannel/v10/Types">`},
		{"unqualified wrapper", "shep/default-namespace.xml", ` xmlns="http://bip.bee.kz/SyncChannel/v10/Types"`, ""},
		{"no serviceId", request, "<serviceId>GBDFL_UniversalServiceSync</serviceId>", ""},
		{"other order in the header", request, "<requestData>", "<requestData/><requestData>"},
		{"local date with a blank", request, "2025-09-01T10:00:00.000+05:00", "2025-09-01 10:00:00"},
		{"property key too long", "shep/request-full.xml", "CONNECTOR_CLIENT", strings.Repeat("K", 31)},
		{"sessionId without braces", "shep/request-full.xml", "{7B0D3F52-3A61-4C07-9D00-00000000000A}", "7B0D3F52-3A61-4C07-9D00-00000000000A"},
		{"no sender", request, "<senderId>EXAMPLE</senderId>", ""},
		{"status message too long", answer, "Message has been processed successfully", strings.Repeat("m", 251)},
		{"two elements in the Body", request, "</soap:Body>", "<x/></soap:Body>"},
		{"unknown wrapper", request, "typ:SendMessage", "typ:sendMessage"},
		{"fault without date", "shep/fault.xml", "<errorDate>2025-09-01T10:00:01.250+05:00</errorDate>", ""},
		{"fault text before its code", "shep/fault.xml", "<errorCode>EXAMPLE-01</errorCode>", "<errorMessage/><errorCode>EXAMPLE-01</errorCode>"},
		{"payload messageId too long", request, "<messageId>6f0c2c1e-4d1b-4c1e-9a00-000000000001</messageId>\n            <messageDate>", "<messageId>6f0c2c1e-4d1b-4c1e-9a00-0000000000012</messageId><messageDate>"},
		{"no senderCode", request, "<senderCode>EXAMPLE</senderCode>", ""},
		{"token without key", token, "<publicKey>RVhBTVBMRS1QVUJMSUMtS0VZ</publicKey>", ""},
		{"no token in the token form", "person/search/token-refused/request.xml", "<kdpToken>EXAMPLE-KDP-TOKEN-0002</kdpToken>", ""},
		{"token in the form without", token, "GBDFLUniversal_token", "GBDFL_UniversalServiceSync"},
		{"birth date as text", answer, "<birthDate>1978-11-05</birthDate>\n                  <deathDate>", "<birthDate>5 November 1978</birthDate><deathDate>"},
		{"dictionary value without Kazakh", answer, "<nameKz>Еркек</nameKz>", ""},
		{"names before the number", answer, "<iin>", "<surname>СЫНАҚ</surname><iin>"},
		{"qualified element in a person", answer, "<lifeStatus>", `<lifeStatus xmlns="http://person.persistence.interactive.nat">`},
		{"persons without a person", "person/search/not-found/answer.xml", "</messageResult>", "</messageResult><persons/>"},
		{"document without number", answer, "<number>N99000104</number>", ""},
		{"issuer spelt as in a certificate", answer, "issueOrganization>", "issueOrganisation>"},
		{"unknown element in an address", answer, "<flat>", "<entrance>2</entrance><flat>"},
		{"missing as a word", answer, "<missing>false</missing>", "<missing>нет</missing>"},
		{"signature before the persons", answer, "<persons>", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/><persons>`},
		{"two signatures", answer, "</persons>", "</persons>" + strings.Repeat(`<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`, 2)},
		{"patronymic of a child spelt as elsewhere", "civil-act/search/births-of-parent/answer.xml", "secondname", "patronymic"},
		{"divorce without a number", "civil-act/search/divorce/answer.xml", "<numberAkt>99-0904</numberAkt>", ""},
		{"day of registration as a date", "civil-act/search/death/answer.xml", "T00:00:00.000+06:00", ""},
		{"record of no kind", "civil-act/search/death/answer.xml", "deathAktRecord", "aktRecord"},
		{"name in one string and in parts", "civil-act/search/flat-name/answer.xml", "</fio>", "</fio><surname>СЫНАҚ</surname>"},
		{"role of nobody", "civil-act/search/marriage/request.xml", "<role>spouse</role>", "<role>guardian</role>"},
		{"guardianship without an element that may be nil", "guardianship/search/of-ward/answer.xml", `<signedData xsi:nil="true"/>`, ""},
		{"guardianship asked in both roles", "guardianship/search/of-ward/request.xml", "<child_iin>", "<req_iin>904315401016</req_iin><child_iin>"},
		{"trustee that is neither", "trustee/search/of-ward/answer.xml", "<guardian>true</guardian>", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := read(t, tt.example)
			if !bytes.Contains(b, []byte(tt.old)) {
				t.Fatalf("%s does not hold %q", tt.example, tt.old)
			}
			changed := bytes.ReplaceAll(b, []byte(tt.old), []byte(tt.new))
			if validate(t, schemaOf(tt.example, changed), changed) == "" {
				t.Error("valid")
			}
		})
	}
}

func TestSignatureIsTheLastChild(t *testing.T) {
	t.Parallel()
	const name = "person/search/by-iin/answer.xml"
	b := bytes.Replace(read(t, name), []byte("</persons>"), []byte(`</persons><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`), 1)
	if complaint := validate(t, schemaOf(name, b), b); complaint != "" {
		t.Error(complaint)
	}
}

// TestWSDL holds the names of the two descriptions against the public record,
// and their parts against the elements that the schema declares.
func TestWSDL(t *testing.T) {
	t.Parallel()
	abstract, concrete := names(t, "shep/ISyncChannel.wsdl"), names(t, "shep/SyncChannelHttp.wsdl")
	for _, want := range []string{
		"definitions name=ISyncChannel", "definitions targetNamespace=http://bip.bee.kz/SyncChannel/v10/Interfaces",
		"portType name=ISyncChannel", "operation name=SendMessage",
		"part name=SendMessageParameters", "part element=typ:SendMessage",
		"part name=SendMessageResult", "part element=typ:SendMessageResponse",
		"part name=sendMessageFault", "part element=typ:SendMessageFault1_SendMessageFault",
	} {
		if !slices.Contains(abstract, want) {
			t.Errorf("ISyncChannel.wsdl has no %s", want)
		}
	}
	for _, want := range []string{
		"definitions name=SyncChannelHttp_Service", "definitions targetNamespace=http://bip.bee.kz/SyncChannel/v10/Interfaces/Binding2",
		"binding name=SyncChannelHttpBinding", "binding style=document", "body use=literal", "operation soapAction=",
		"service name=ISyncChannelHttpService", "port name=SyncChannelHttpPort",
	} {
		if !slices.Contains(concrete, want) {
			t.Errorf("SyncChannelHttp.wsdl has no %s", want)
		}
	}
	declared := names(t, "shep/sync-types.xsd")
	for _, attr := range abstract {
		if element, ok := strings.CutPrefix(attr, "part element=typ:"); ok && !slices.Contains(declared, "element name="+element) {
			t.Errorf("the schema does not declare %s", element)
		}
	}
}

// names lists the attributes of a document as "element attribute=value".
func names(t *testing.T, file string) []string {
	t.Helper()
	b, err := fs.ReadFile(contracts.Schemas(), file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			for _, a := range start.Attr {
				all = append(all, start.Name.Local+" "+a.Name.Local+"="+a.Value)
			}
		}
	}
}

// TestSchemasStayHere guards against a schema that a validator would fetch.
func TestSchemasStayHere(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(contracts.Schemas(), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, attr := range names(t, file) {
			_, location, ok := strings.Cut(attr, " schemaLocation=")
			if !ok {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), location)); err != nil {
				t.Errorf("%s refers to %s, which is not here", file, location)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(contracts.Examples(), name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readJSON(t *testing.T, name string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(read(t, name), &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}
