package shep

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// ProfileError is one broken rule of a service profile. It carries the name of
// the field, never a secret.
type ProfileError struct {
	ID    string // the profile, "" if that is what is missing
	Field string // path of the field as in the YAML, e.g. "answer.clock_skew"
	Text  string // the rule
}

// Error names profile, field and rule.
func (e *ProfileError) Error() string {
	return fmt.Sprintf("service %q: %s: %s", e.ID, e.Field, e.Text)
}

// Rules of the contract (SyncSendMessageRequest, common/v10/Types Property).
const (
	maxPropertyKey   = 30
	maxPropertyValue = 500
)

var profileID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)+$`)

// Validate checks a complete profile and returns every broken rule, joined, as
// *ProfileError.
func (p *Profile) Validate() error {
	v := validator{id: p.ID}
	v.names(p)
	v.signatures(p)
	v.data(p)
	v.answer(p)
	v.limits(p)
	return errors.Join(v.errs...)
}

type validator struct {
	id   string
	errs []error
}

func (v *validator) check(ok bool, field, text string) {
	if !ok {
		v.errs = append(v.errs, &ProfileError{v.id, field, text})
	}
}

func (v *validator) oneOf(field, value string, allowed ...string) {
	v.check(slices.Contains(allowed, value), field, fmt.Sprintf("must be one of %q", allowed))
}

func (v *validator) names(p *Profile) {
	v.check(profileID.MatchString(p.ID), "id", `must be lower-case words with dots between, such as "person.search"`)
	v.check(p.Registry != "", "registry", "must name the registry")
	u, err := url.Parse(p.Endpoint)
	v.check(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "endpoint",
		"must be an absolute http or https URL")
	v.check(err != nil || u.User == nil && u.RawQuery == "" && u.Fragment == "", "endpoint",
		"must have no user, query or fragment: they end up in logs")
	v.check(p.ServiceID != "", "service_id", "must be given: it is the interaction id in the register of ШЭП")
	v.check(p.SenderID != "", "sender_id", "must be given: the operator of ШЭП issues it")
	for i, pr := range p.Properties {
		field := fmt.Sprintf("properties[%d]", i)
		v.check(pr.Key != "" && utf8.RuneCountInString(pr.Key) <= maxPropertyKey, field, "the key has 1 to 30 characters")
		v.check(utf8.RuneCountInString(pr.Value) <= maxPropertyValue, field, "the value has at most 500 characters")
	}
	fields := []string{p.ServiceID, p.RouteID, p.SenderID, p.SenderCode, p.Data.TypeSpace, p.Data.TypeName}
	for _, pr := range p.Properties {
		fields = append(fields, pr.Key, pr.Value)
	}
	v.check(!slices.ContainsFunc(fields, hasForbidden), "service_id, route_id, sender_id, sender_code, properties, data",
		"must not contain characters that XML does not allow")
}

// hasForbidden finds what no XML 1.0 document may contain (section 2.2), and
// the controls that it may but nobody means.
func hasForbidden(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	for _, r := range s {
		if r < 0x20 || 0x7f <= r && r < 0xa0 || r == 0xfffe || r == 0xffff {
			return true
		}
	}
	return false
}

func (v *validator) signatures(p *Profile) {
	v.oneOf("envelope.wrapper", p.Envelope.Wrapper, Types, Tax)
	v.check(p.Envelope.Wrapper != Tax || p.RouteID == "" && len(p.Properties) == 0, "envelope.wrapper",
		"the tax system's clone of the channel has no route_id and no properties")
	v.oneOf("envelope.signature", p.Envelope.Signature, Sign, NoSignature)
	v.oneOf("envelope.id_style", p.Envelope.IDStyle, "wsu", "plain", "both")
	v.oneOf("envelope.key_info", p.Envelope.KeyInfo, "keyIdentifier", "issuerSerial", "binarySecurityToken", "x509Data")
	v.oneOf("inner.carrier", p.Inner.Carrier, None, Inline, String, CDATA)
}

func (v *validator) data(p *Profile) {
	v.oneOf("data.form", p.Data.Form, Inline, Typed, String, CDATA)
	v.oneOf("data.root", p.Data.Root, RootAuto, RootChild, RootData)
	v.oneOf("data.empty", p.Data.Empty, EmptyNotFound, EmptyViolation)
	v.check(p.Data.Form != Typed || isExpandedName(p.Data.TypeSpace, p.Data.TypeName), "data.type_name",
		"in the form typed type_space must be an absolute URI and type_name a name without colon")
}

// isExpandedName asks the reader that every peer's message passes, so that the
// two never disagree, and whether a message with that name could be signed.
func isExpandedName(space, local string) bool {
	doc := append(append([]byte("<t:"), local...), ` xmlns:t="`...)
	doc = append(xmltext.AppendAttr(doc, space), `"/>`...)
	d, err := xmltext.Parse(doc, xmltext.Limits{})
	return err == nil && d.OddName() < 0 && d.Root().Is(space, local)
}

func (v *validator) answer(p *Profile) {
	a := &p.Answer
	policies := []string{string(Require), string(Accept), string(Ignore)}
	v.oneOf("answer.envelope", string(a.Envelope), policies...)
	v.oneOf("answer.inner", string(a.Inner), policies...)
	v.oneOf("answer.correlation", string(a.Correlation), policies...)
	v.oneOf("answer.date", string(a.Date), policies...)
	v.oneOf("answer.message_id", a.MessageID, MessageIDEcho, MessageIDAny)
	_, err := a.Location()
	v.check(err == nil, "answer.zone", `must be an offset such as "+05:00"`)
	v.check(a.ClockSkew > 0 && a.ClockSkew.Std() <= time.Hour, "answer.clock_skew", "must be above 0 and at most 1h")
	v.check(a.ReplayWindow >= 2*a.ClockSkew+p.Timeout, "answer.replay_window",
		"must be at least twice clock_skew plus timeout, or an answer could be replayed while it still counts as fresh")
	v.codes("status", &p.Status)
	v.codes("payload", &p.Payload.Codes)
	v.codes("faults", &p.Faults)
	v.check(len(p.Faults.Success) == 0 && len(p.Faults.NotFound) == 0, "faults",
		"success and not_found have no place here: a SOAP Fault is never data")
}

// codes holds that each code is in one list only: the lists say what a code
// means, and it cannot mean two things.
func (v *validator) codes(field string, c *Codes) {
	seen := map[string]bool{}
	for _, l := range c.lists() {
		for _, code := range l.codes {
			key := strings.ToUpper(code)
			v.check(!seen[key], field, fmt.Sprintf("the code %q is listed twice", code))
			seen[key] = true
		}
	}
}

func (v *validator) limits(p *Profile) {
	v.check(p.Timeout > 0, "timeout", "must be above 0")
	v.check(p.AttemptTimeout > 0 && p.AttemptTimeout <= p.Timeout, "attempt_timeout", "must be above 0 and at most timeout")
	v.check(p.MaxAttempts >= 1 && p.MaxAttempts <= 10, "max_attempts", "must be 1 to 10")
	v.check(p.RetryAfterCap > 0 && p.RetryAfterCap <= p.Timeout, "retry_after_cap", "must be above 0 and at most timeout")
	v.check(p.MaxConcurrent >= 1, "max_concurrent", "must be at least 1")
	v.check(p.QueueTimeout > 0 && p.QueueTimeout <= p.Timeout, "queue_timeout", "must be above 0 and at most timeout")
	v.check(p.MaxAnswerBytes >= 1<<10 && p.MaxAnswerBytes <= 64<<20, "max_answer_bytes", "must be 1024 to 67108864")
	b := &p.Breaker
	v.check(b.Window > 0, "breaker.window", "must be above 0")
	v.check(b.MinCalls >= 1, "breaker.min_calls", "must be at least 1")
	v.check(b.FailureRatio > 0 && b.FailureRatio <= 1, "breaker.failure_ratio", "must be above 0 and at most 1")
	v.check(b.OpenFor > 0 && b.OpenFor <= b.OpenMax, "breaker.open_for", "must be above 0 and at most open_max")
	v.check(b.Probes >= 1 && b.Probes <= 3, "breaker.probes", "must be 1 to 3")
}

// Carrier is how our payload travels: that of the inner signature, or the
// data form if there is none.
func (p *Profile) Carrier() string {
	if p.Inner.Carrier != None {
		return p.Inner.Carrier
	}
	return p.Data.Form
}

// Location is the zone of an answer's date that names none.
func (a *AnswerProfile) Location() (*time.Location, error) {
	t, err := time.Parse("-07:00", a.Zone)
	if err != nil {
		return nil, err
	}
	_, offset := t.Zone()
	return time.FixedZone(a.Zone, offset), nil
}
