package shep_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/shep"
)

// personProfile is the embedded profile with what an operator must add.
func personProfile(t testing.TB, change ...func(*shep.Profile)) *shep.Profile {
	t.Helper()
	p, err := shep.Profile{
		ID: "person.search", Endpoint: "https://shep.test/bip-sync-wss-gost/", SenderID: "kopir-test",
	}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&p)
	}
	return &p
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	all, err := shep.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
		p.Endpoint, p.SenderID = "https://shep.test/", "kopir-test"
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
	if d := cmp.Diff([]string{
		"address-object.search", "address.search", "award.search", "bank-account.check", "capacity-loss.search", "civil-act.search", "disability.search", "employment.search",
		"guardianship.search", "legal-entity.search", "person.search", "social-status.search", "taxpayer.search", "trustee.search",
	}, ids); d != "" {
		t.Error(d)
	}
}

func TestWithDefaults(t *testing.T) {
	t.Parallel()
	var given shep.Profile
	const text = `
id: person.search
service_id: GBDFLUniversal_token
consent_required: true
max_attempts: 1
status:
  success: [OK]
answer:
  inner: require
`
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&given); err != nil {
		t.Fatal(err)
	}
	p, err := given.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"given value", p.ServiceID, "GBDFLUniversal_token"},
		{"given number", p.MaxAttempts, 1},
		{"given list replaces", p.Status.Success, []string{"OK"}},
		{"given nested value", p.Answer.Inner, shep.Require},
		{"value of the embedded profile", p.Registry, "GBDFL"},
		{"value of the defaults", p.Answer.Envelope, shep.Require},
		{"list of the defaults beside a given one", len(p.Status.Rejected) > 0, true},
		{"duration of the defaults", p.Timeout.Std(), 30 * time.Second},
		{"untouched input", given.Timeout.Std(), time.Duration(0)},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", c.what, d)
		}
	}
	if _, err := (shep.Profile{ID: "no.such"}).WithDefaults(); err != nil {
		t.Errorf("a service without an embedded profile: %v", err)
	}
}

// A profile survives being printed and read: nothing is lost to a tag.
func TestProfileYAMLRoundTrip(t *testing.T) {
	t.Parallel()
	p := personProfile(t, func(p *shep.Profile) {
		p.RouteID, p.SenderPasswordFile, p.SenderCode = "r", "/run/secrets/p", "c"
		p.Properties = []shep.Property{{Key: "CONNECTOR_CLIENT", Value: "true"}}
		p.Faults.Busy = []string{"FAULT-503"}
		p.Data.Form, p.Data.TypeSpace, p.Data.TypeName = shep.Typed, "http://kopir.test/x", "Request"
		p.Answer.Signer, p.Answer.InnerSigner, p.ConsentRequired = "CN=SHEP", "CN=GBDFL", true
	})
	b, err := yaml.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back shep.Profile
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*p, back); d != "" {
		t.Error(d)
	}
}

// Every field of the profile has a value in the defaults, or is one that only
// an operator can know or that is off by default. A field added without
// thinking about its default fails here.
func TestEveryFieldHasADefault(t *testing.T) {
	t.Parallel()
	p, err := shep.Profile{}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ID", "Registry", "Endpoint", "ServiceID", "RouteID", "SenderID", "SenderPasswordFile", "SenderCode", "Properties",
		"Data.TypeSpace", "Data.TypeName", "Answer.Signer", "Answer.InnerSigner",
		"Status.NotFound", "Status.Refused", "Status.ConsentRefused", "Status.Busy", "Payload", "Faults", "ConsentRequired",
	}
	if d := cmp.Diff(want, zeroFields("", reflect.ValueOf(p))); d != "" {
		t.Error(d)
	}
}

func zeroFields(prefix string, v reflect.Value) []string {
	var out []string
	for i := range v.NumField() {
		name, f := prefix+v.Type().Field(i).Name, v.Field(i)
		switch {
		case f.IsZero():
			out = append(out, name)
		case f.Kind() == reflect.Struct:
			out = append(out, zeroFields(name+".", f)...)
		}
	}
	return out
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*shep.Profile)
		want   string
	}{
		{
			"id", func(p *shep.Profile) { p.ID = "Person" },
			`service "Person": id: must be lower-case words with dots between, such as "person.search"`,
		},
		{"registry", func(p *shep.Profile) { p.Registry = "" }, `service "person.search": registry: must name the registry`},
		{
			"no endpoint", func(p *shep.Profile) { p.Endpoint = "" },
			`service "person.search": endpoint: must be an absolute http or https URL`,
		},
		{
			"endpoint of another scheme", func(p *shep.Profile) { p.Endpoint = "file:///etc/passwd" },
			`service "person.search": endpoint: must be an absolute http or https URL`,
		},
		{
			"endpoint with a password", func(p *shep.Profile) { p.Endpoint = "https://a:b@shep.test/" },
			`service "person.search": endpoint: must have no user, query or fragment: they end up in logs`,
		},
		{
			"endpoint with a query", func(p *shep.Profile) { p.Endpoint = "https://shep.test/?iin=1" },
			`service "person.search": endpoint: must have no user, query or fragment: they end up in logs`,
		},
		{
			"service id", func(p *shep.Profile) { p.ServiceID = "" },
			`service "person.search": service_id: must be given: it is the interaction id in the register of ШЭП`,
		},
		{
			"sender id", func(p *shep.Profile) { p.SenderID = "" },
			`service "person.search": sender_id: must be given: the operator of ШЭП issues it`,
		},
		{
			"property key", func(p *shep.Profile) { p.Properties = []shep.Property{{Key: strings.Repeat("k", 31)}} },
			`service "person.search": properties[0]: the key has 1 to 30 characters`,
		},
		{
			"property value", func(p *shep.Profile) { p.Properties = []shep.Property{{Key: "k", Value: strings.Repeat("ә", 501)}} },
			`service "person.search": properties[0]: the value has at most 500 characters`,
		},
		{
			"control character", func(p *shep.Profile) { p.RouteID = "a\x00" },
			`service "person.search": service_id, route_id, sender_id, sender_code, properties, data: must not contain characters that XML does not allow`,
		},
		{
			"wrapper", func(p *shep.Profile) { p.Envelope.Wrapper = shep.KDP },
			`service "person.search": envelope.wrapper: must be one of ["http://bip.bee.kz/SyncChannel/v10/Types" "http://kgd.integration.gov.icode.kz/"]`,
		},
		{
			"route in the clone of the tax system", func(p *shep.Profile) { p.Envelope.Wrapper, p.RouteID = shep.Tax, "r" },
			`service "person.search": envelope.wrapper: the tax system's clone of the channel has no route_id and no properties`,
		},
		{
			"signature", func(p *shep.Profile) { p.Envelope.Signature = "yes" },
			`service "person.search": envelope.signature: must be one of ["sign" "none"]`,
		},
		{
			"id style", func(p *shep.Profile) { p.Envelope.IDStyle = "x" },
			`service "person.search": envelope.id_style: must be one of ["wsu" "plain" "both"]`,
		},
		{
			"key info", func(p *shep.Profile) { p.Envelope.KeyInfo = "keyValue" },
			`service "person.search": envelope.key_info: must be one of ["keyIdentifier" "issuerSerial" "binarySecurityToken" "x509Data"]`,
		},
		{
			"carrier", func(p *shep.Profile) { p.Inner.Carrier = "base64" },
			`service "person.search": inner.carrier: must be one of ["none" "inline" "string" "cdata"]`,
		},
		{
			"form", func(p *shep.Profile) { p.Data.Form = "none" },
			`service "person.search": data.form: must be one of ["inline" "typed" "string" "cdata"]`,
		},
		{"root", func(p *shep.Profile) { p.Data.Root = "x" }, `service "person.search": data.root: must be one of ["auto" "child" "data"]`},
		{
			"empty", func(p *shep.Profile) { p.Data.Empty = "x" },
			`service "person.search": data.empty: must be one of ["not_found" "violation"]`,
		},
		{
			"half a type", func(p *shep.Profile) { p.Data.Form, p.Data.TypeName = shep.Typed, "" },
			`service "person.search": data.type_name: in the form typed type_space must be an absolute URI and type_name a name without colon`,
		},
		{
			"bad type", func(p *shep.Profile) { p.Data.Form, p.Data.TypeSpace = shep.Typed, "relative" },
			`service "person.search": data.type_name: in the form typed type_space must be an absolute URI and type_name a name without colon`,
		},
		{
			"type that ends the tag", func(p *shep.Profile) { p.Data.Form, p.Data.TypeName = shep.Typed, `a"/><b` },
			`service "person.search": data.type_name: in the form typed type_space must be an absolute URI and type_name a name without colon`,
		},
		{
			"policy", func(p *shep.Profile) { p.Answer.Envelope = "maybe" },
			`service "person.search": answer.envelope: must be one of ["require" "accept" "ignore"]`,
		},
		{
			"message id", func(p *shep.Profile) { p.Answer.MessageID = "own" },
			`service "person.search": answer.message_id: must be one of ["echo" "any"]`,
		},
		{
			"zone", func(p *shep.Profile) { p.Answer.Zone = "Astana" },
			`service "person.search": answer.zone: must be an offset such as "+05:00"`,
		},
		{
			"skew", func(p *shep.Profile) { p.Answer.ClockSkew = shep.Duration(2 * time.Hour) },
			`service "person.search": answer.clock_skew: must be above 0 and at most 1h`,
		},
		{
			"replay window", func(p *shep.Profile) { p.Answer.ReplayWindow = shep.Duration(10 * time.Minute) },
			`service "person.search": answer.replay_window: must be at least twice clock_skew plus timeout, or an answer could be replayed while it still counts as fresh`,
		},
		{
			"fault as data", func(p *shep.Profile) { p.Faults.NotFound = []string{"404"} },
			`service "person.search": faults: success and not_found have no place here: a SOAP Fault is never data`,
		},
		{
			"code twice", func(p *shep.Profile) { p.Status.NotFound = []string{"scss001"} },
			`service "person.search": status: the code "scss001" is listed twice`,
		},
		{
			"timeout", func(p *shep.Profile) { p.AttemptTimeout = p.Timeout + 1 },
			`service "person.search": attempt_timeout: must be above 0 and at most timeout`,
		},
		{"attempts", func(p *shep.Profile) { p.MaxAttempts = 11 }, `service "person.search": max_attempts: must be 1 to 10`},
		{
			"retry after", func(p *shep.Profile) { p.RetryAfterCap = 0 },
			`service "person.search": retry_after_cap: must be above 0 and at most timeout`,
		},
		{"concurrent", func(p *shep.Profile) { p.MaxConcurrent = 0 }, `service "person.search": max_concurrent: must be at least 1`},
		{
			"queue", func(p *shep.Profile) { p.QueueTimeout = p.Timeout + 1 },
			`service "person.search": queue_timeout: must be above 0 and at most timeout`,
		},
		{"answer bytes", func(p *shep.Profile) { p.MaxAnswerBytes = 1 }, `service "person.search": max_answer_bytes: must be 1024 to 67108864`},
		{
			"breaker ratio", func(p *shep.Profile) { p.Breaker.FailureRatio = 1.5 },
			`service "person.search": breaker.failure_ratio: must be above 0 and at most 1`,
		},
		{"breaker window", func(p *shep.Profile) { p.Breaker.Window = 0 }, `service "person.search": breaker.window: must be above 0`},
		{"breaker calls", func(p *shep.Profile) { p.Breaker.MinCalls = 0 }, `service "person.search": breaker.min_calls: must be at least 1`},
		{
			"breaker open", func(p *shep.Profile) { p.Breaker.OpenFor = p.Breaker.OpenMax + 1 },
			`service "person.search": breaker.open_for: must be above 0 and at most open_max`,
		},
		{"breaker probes", func(p *shep.Profile) { p.Breaker.Probes = 4 }, `service "person.search": breaker.probes: must be 1 to 3`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := personProfile(t, tc.change)
			err := p.Validate()
			if err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5s":      "5s",
		`"1m30s"`: "1m30s",
		"5":       `line 1: a duration is text with a unit, such as "5s"`,
		"-5s":     `line 1: a duration is text with a unit, such as "5s", and not negative`,
		"fast":    `line 1: a duration is text with a unit, such as "5s", and not negative`,
		"[5s]":    `line 1: a duration is text with a unit, such as "5s"`,
	} {
		var d shep.Duration
		err := yaml.Unmarshal([]byte(text), &d)
		got := d.String()
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
