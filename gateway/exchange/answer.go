package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// answer is what is known of the answer to one attempt; it fills up step by
// step, so that the journal tells how far an answer came.
type answer struct {
	digest   string // SHA-256 of its bytes, hex
	code     string // its status codes, as by shep.Judgement
	envelope gateway.SignatureVerdict
	inner    gateway.SignatureVerdict
	facts    gateway.Facts
	observed time.Time
}

const readAnswer = "read answer"

// read judges an answer with HTTP status 2xx or 500. The order of the steps is
// the package comment's; see also the pipeline in threats T1 to T16.
func (r *run) read(ctx context.Context, status int, head http.Header, body []byte) error {
	sum := sha256.Sum256(body)
	r.answer = answer{digest: hex.EncodeToString(sum[:])}
	r.debug(ctx, "answer", nil, slog.Int("attempt", r.attempt), slog.Int("http_status", status), slog.Int("bytes", len(body)))
	doc, err := r.parse(status, head, body)
	if err != nil {
		return err
	}
	env, err := r.open(ctx, doc)
	if err != nil {
		return err
	}
	r.debug(ctx, "envelope", nil, slog.String("verdict", string(r.answer.envelope.Verdict)), slog.String("signer", r.answer.envelope.Signer))
	if status != http.StatusOK { // SOAP 1.1 section 6.2: an answer comes with 2xx, a Fault with 500
		return fault.New(fault.ShepFault, readAnswer, fmt.Sprintf("HTTP %d without a SOAP Fault", status))
	}
	return r.judge(ctx, env)
}

// parse is the gate: media type, then the strict reader.
func (r *run) parse(status int, head http.Header, body []byte) (*xmltext.Doc, error) {
	if err := checkMediaType(head); err != nil {
		if status != http.StatusOK { // the page of a proxy: a failure, and nothing to be alarmed about
			return nil, fault.New(fault.ShepFault, readAnswer, fmt.Sprintf("HTTP %d without a SOAP Fault", status))
		}
		return nil, err
	}
	doc, err := xmltext.Parse(body, r.limits())
	if err != nil {
		return nil, fault.Wrap(fault.AnswerUnread, readAnswer, err)
	}
	return doc, nil
}

func (r *run) limits() xmltext.Limits {
	return xmltext.Limits{Bytes: int(r.service.Profile.MaxAnswerBytes)}
}

// checkMediaType accepts XML in UTF-8. SOAP 1.1 answers are text/xml (section
// 6); peers also send application/xml, and the media type of SOAP 1.2 is let in
// so that the version is refused by its name.
func checkMediaType(head http.Header) error {
	media, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	switch {
	case err != nil:
		return fault.New(fault.AnswerUnread, readAnswer, "the answer names no media type")
	case media != "text/xml" && media != "application/xml" && media != "application/soap+xml":
		return fault.New(fault.AnswerUnread, readAnswer, "the media type of the answer is not XML")
	case params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8"):
		return fault.New(fault.AnswerUnread, readAnswer, "the charset of the answer is not UTF-8")
	}
	return nil
}

// open verifies the envelope as the profile demands and looks for a Fault. The
// Body it returns is the very one that was digested, unless the profile allows
// an answer without signature.
func (r *run) open(ctx context.Context, doc *xmltext.Doc) (soap.Envelope, error) {
	env, shape := soap.Read(doc)
	var wrong *soap.Error
	if errors.As(shape, &wrong) && (wrong.Rule == "soap.version" || wrong.Rule == "soap.root") {
		return env, fault.Wrap(fault.AnswerUnread, readAnswer, shape)
	}
	policy := r.service.Profile.Answer.Envelope
	if err := r.verifyEnvelope(ctx, doc, &env, policy); err != nil {
		return env, err
	}
	if shape != nil {
		return env, fault.Wrap(fault.AnswerUnread, readAnswer, shape)
	}
	if f, found, err := env.Fault(); err != nil {
		return env, fault.Wrap(fault.AnswerUnread, readAnswer, err)
	} else if found {
		return env, r.blame(f)
	}
	if policy == shep.Require && r.answer.envelope.Verdict == gateway.VerdictAbsent {
		return env, r.notSigned(env)
	}
	return env, nil
}

// verifyEnvelope sets the verdict of the envelope's signature and, where it
// holds, env.Body to what it covers. A missing signature is no error here: what
// it means depends on whether the Body holds a Fault.
func (r *run) verifyEnvelope(ctx context.Context, doc *xmltext.Doc, env *soap.Envelope, policy shep.Policy) error {
	verdict := &r.answer.envelope
	verdict.Layer = gateway.LayerEnvelope
	if policy == shep.Ignore {
		verdict.Verdict = gateway.VerdictIgnored
		return nil
	}
	profile := &r.service.Profile.Answer
	v, err := wsse.VerifyDoc(ctx, doc, r.x.o.Keys, wsse.Policy{Clock: r.x.o.Clock, Skew: profile.ClockSkew.Std(), Signer: profile.Signer})
	switch {
	case errors.Is(err, xmldsig.ErrNotSigned):
		verdict.Verdict = gateway.VerdictAbsent
		return nil
	case err != nil:
		return refusal("verify envelope", err)
	}
	*verdict = gateway.SignatureVerdict{
		Layer: gateway.LayerEnvelope, Verdict: gateway.VerdictVerified,
		Signer: v.Signer.SubjectText(), Algorithm: v.Suite.Name, Covered: v.Covered,
	}
	env.Body = v.Body
	return nil
}

// blame reports a Fault. Most Faults come unsigned, so that anyone on the way
// could have made them; the log says so.
func (r *run) blame(f soap.Fault) error {
	e := r.service.Profile.Blame(f)
	var detail *shep.FaultError
	if errors.As(e.Err, &detail) {
		r.answer.code = faultCode(detail)
	}
	if r.answer.envelope.Verdict != gateway.VerdictVerified {
		e.Err = fmt.Errorf("unauthenticated: %w", e.Err)
	}
	return e
}

// faultCode is the evidence of a Fault for the journal: its own code and the
// outermost code of its detail.
func faultCode(f *shep.FaultError) string {
	if len(f.Errors) == 0 || f.Errors[0].Code == "" {
		return f.Code
	}
	return f.Code + "/" + f.Errors[0].Code
}

// notSigned refuses an answer without the signature that the profile requires.
// Error answers are known to come so, and a client can provoke them: one whose
// status is a failure is reported like an unsigned Fault, as the failure that it
// claims to be, or one client's bad requests would count as broken integrity and
// close the registry to all (threat T33). Whoever forges one gains what a forged
// Fault gains. A success and "not found" are never believed.
func (r *run) notSigned(env soap.Envelope) error {
	a, err := shep.ReadAnswer(env.Body)
	if err != nil {
		return fault.New(fault.NotSigned, "verify envelope", "")
	}
	j := r.service.Profile.Judge(a.Status, xmltext.Node{}) // not by the payload: nobody signed it either
	kind := j.Class.Kind()
	if kind == "" {
		return fault.Wrap(fault.NotSigned, "verify envelope", fmt.Errorf("an unsigned answer that claims the status %s", j.Code))
	}
	r.answer.code = j.Code
	return fault.Wrap(kind, readAnswer, fmt.Errorf("unauthenticated: %w", statusError(j.Code, a.Status.Message)))
}

// refusal gives the refusal of a signature its kind, by the step it came from.
func refusal(op string, err error) error {
	var e *xmldsig.Error
	if !errors.As(err, &e) {
		return fault.Wrap(fault.Internal, op, err)
	}
	kind := fault.SignatureInvalid // structure and signature
	switch e.Class {
	case xmldsig.ClassInput:
		kind = fault.AnswerUnread
	case xmldsig.ClassTrust:
		kind = fault.SignerUntrusted
	case xmldsig.ClassFreshness:
		kind = fault.AnswerStale
	case xmldsig.ClassCorrelation:
		kind = fault.AnswerMismatch
	}
	return fault.Wrap(kind, op, err)
}

// judge reads the answer tree out of a Body and decides what it means.
func (r *run) judge(ctx context.Context, env soap.Envelope) error {
	p := &r.service.Profile
	a, err := shep.ReadAnswer(env.Body)
	if err != nil {
		return fault.Wrap(fault.ContractViolation, readAnswer, err)
	}
	r.answer.code = soap.Token(a.Status.Code)
	if err := p.Answer.Fresh(a, r.asked, r.x.o.Clock()); err != nil {
		return err
	}
	if err := p.Answer.Bind(a, r.asked); err != nil {
		return err
	}
	root, err := r.payload(ctx, a)
	if err != nil {
		return err
	}
	meaning := p.Judge(a.Status, root)
	r.answer.code = meaning.Code
	r.debug(ctx, "status", nil, slog.String("status", meaning.Code), slog.String("means", string(meaning.Class)))
	if err := r.settle(a, root, meaning.Class); err != nil {
		return err
	}
	return r.once(ctx, a, env.Body, root)
}

// payload finds the registry's answer and verifies its own signature. Where
// that holds, what it covers is returned, and nothing else.
func (r *run) payload(ctx context.Context, a shep.Answer) (xmltext.Node, error) {
	p := &r.service.Profile
	r.answer.inner = gateway.SignatureVerdict{Layer: gateway.LayerInner, Verdict: gateway.VerdictAbsent}
	if p.Answer.Inner == shep.Ignore {
		r.answer.inner.Verdict = gateway.VerdictIgnored
	}
	root, err := p.Data.Payload(a.Data, r.limits())
	switch {
	case err != nil && r.dispensable(a):
		root = xmltext.Node{}
	case err != nil:
		return root, unreadable(err)
	}
	if p.Answer.Inner == shep.Ignore || !hasSignature(root) {
		return root, nil
	}
	v, err := xmldsig.VerifyEnveloped(ctx, root, r.x.o.Keys, xmldsig.Policy{
		Limits: r.limits(), Clock: r.x.o.Clock, Signer: p.Answer.InnerSigner, Token: wsse.Token,
	})
	if err != nil {
		r.answer.inner.Verdict = ""
		return root, refusal("verify data", err)
	}
	r.answer.inner = gateway.SignatureVerdict{
		Layer: gateway.LayerInner, Verdict: gateway.VerdictVerified,
		Signer: v.Signer.SubjectText(), Algorithm: v.Suite.Name, Covered: v.Covered(),
	}
	return v.Targets[0].Node, nil
}

// unreadable tells a document in data that the strict reader refuses from a
// data element of the wrong shape.
func unreadable(err error) error {
	var shape *shep.Error
	if errors.As(err, &shape) {
		return fault.Wrap(fault.ContractViolation, readAnswer, err)
	}
	return fault.Wrap(fault.AnswerUnread, readAnswer, err)
}

// dispensable tells whether data that cannot be read may be left alone, because
// the status says enough: that of a failure, whatever is in data, and that of
// "not found", if data is a text without any markup, in which no record can hide.
func (r *run) dispensable(a shep.Answer) bool {
	class := r.service.Profile.Judge(a.Status, xmltext.Node{}).Class
	plain := a.Data.First().IsZero() && !strings.ContainsAny(a.Data.Text(), "<>")
	return class.Kind() != "" || class == shep.NotFound && plain
}

func hasSignature(root xmltext.Node) bool {
	return !root.Child(xmldsig.Namespace, "Signature").IsZero()
}

// settle turns the meaning of an answer into facts or a failure. Where the
// profile requires signed data, an answer without data can have no signature of
// its own; then that of the envelope must vouch for the absence.
func (r *run) settle(a shep.Answer, root xmltext.Node, class shep.Class) error {
	p := &r.service.Profile
	if kind := class.Kind(); kind != "" {
		return fault.Wrap(kind, readAnswer, statusError(r.answer.code, a.Status.Message))
	}
	if p.Answer.Inner == shep.Require && r.answer.inner.Verdict != gateway.VerdictVerified &&
		(!root.IsZero() || r.answer.envelope.Verdict != gateway.VerdictVerified) {
		return fault.New(fault.NotSigned, "verify data", "")
	}
	if class == shep.Success && root.IsZero() {
		if p.Data.Empty != shep.EmptyNotFound {
			return fault.New(fault.ContractViolation, readAnswer, "a successful answer without data")
		}
		class = shep.NotFound
	}
	r.answer.observed = r.x.o.Clock()
	if class == shep.NotFound {
		return r.notFound(a, root)
	}
	facts, err := r.service.Adapter.Answer(r.call.Query, r.meta, gateway.Payload{Root: root})
	r.answer.facts = facts
	return err
}

// notFound holds that an answer whose code says "not found" means it: it is tied
// to our question by an id of the envelope, for there may be no payload whose
// requestId an adapter could hold against ours, and the payload, if there is
// one, brings nobody. That a code other than the success comes without records
// is what an adapter calls a fault of the registry; here it is no news.
func (r *run) notFound(a shep.Answer, root xmltext.Node) error {
	if r.service.Profile.Answer.Correlation != shep.Ignore && !r.bound(a) && a.MessageID != r.asked.MessageID {
		return fault.New(fault.AnswerMismatch, "bind answer", "nothing ties this \"not found\" to our question")
	}
	if !root.IsZero() {
		facts, err := r.service.Adapter.Answer(r.call.Query, r.meta, gateway.Payload{Root: root})
		switch {
		case err != nil && !errors.Is(err, fault.RegistryFault):
			return err
		case err == nil && facts.Found():
			return fault.New(fault.ContractViolation, readAnswer, "the answer says \"not found\" and brings persons")
		}
	}
	r.answer.facts = NotFound{}
	return nil
}

// statusError is a status of the peer as a cause for the log: code as by
// soap.Token, message as by soap.Redact.
func statusError(code, message string) error {
	if message == "" {
		return errors.New("status " + code)
	}
	return errors.New("status " + code + ": " + message)
}

// bound tells whether the answer repeats our correlationId, which is random and
// new for every exchange. It proves something only if the envelope is signed.
func (r *run) bound(a shep.Answer) bool {
	return r.service.Profile.Answer.Correlation != shep.Ignore && a.CorrelationID == r.asked.CorrelationID
}

// once refuses an answer that was accepted before (threat T15). An answer whose
// verified envelope carries our correlationId cannot come back: in any other
// exchange it would be a mismatch. Of the others the digest of what was signed
// is remembered, in canonical form, so that another spelling of the same answer
// is no new one: of the Body, or of the data alone if only that has a signature
// that holds, because the rest could be changed at will. If nothing is signed,
// the Body at least may not come twice as it is.
func (r *run) once(ctx context.Context, a shep.Answer, body, root xmltext.Node) error {
	verified := r.answer.envelope.Verdict == gateway.VerdictVerified
	if verified && r.bound(a) {
		return nil
	}
	part, without, id := body, xmltext.Node{}, a.MessageID
	if !verified && r.answer.inner.Verdict == gateway.VerdictVerified {
		part, without, id = root, root.Child(xmldsig.Namespace, "Signature"), ""
	}
	h := sha256.New()
	if err := (c14n.Method{Kind: c14n.Exclusive}).Write(h, part, without); err != nil {
		return fault.Wrap(fault.AnswerUnread, "look for a replay", err)
	}
	key := h.Sum([]byte(id + "\x00"))
	first, err := r.x.o.Journal.FirstSeen(ctx, key, r.service.Profile.Answer.ReplayWindow.Std())
	var known *fault.Error
	switch {
	case err != nil && !errors.As(err, &known):
		return fault.Wrap(fault.JournalUnavailable, "look for a replay", err)
	case err != nil:
		return err
	case !first:
		return fault.New(fault.AnswerReplayed, "look for a replay", "")
	}
	return nil
}
