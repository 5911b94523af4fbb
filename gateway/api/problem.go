package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

const (
	mediaProblem = "application/problem+json"
	failureKey   = "kopir.failure"

	defaultRetryAfter = 5 * time.Second // for a 503 that came without advice
	maxRetryAfter     = time.Hour
)

// failure is how a request failed, for the access log.
type failure struct {
	id  string
	err error
}

// fail ends a request with a problem document. It is the only way out for an
// error: the kind picks the entry of the catalogue, everything else about the
// error stays inside. Nothing that err says reaches the caller except broken
// rules and the advice when to come back.
func (s *server) fail(c *gin.Context, err error) {
	problem := s.entry(err)
	c.Set(failureKey, failure{problem.ID, err})
	c.Abort()
	if c.Writer.Written() {
		return // too late for another answer; the log still tells
	}
	lang := languageOf(c.Request)
	h := c.Writer.Header()
	h.Set("Content-Type", mediaProblem)
	h.Set("Content-Language", lang)
	h.Add("Vary", "Accept-Language")
	if problem.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="kopir"`)
	}
	if wait := retryAfter(problem, err); wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	}
	c.Status(problem.Status)
	if err := writeJSON(c.Writer, s.document(c, problem, lang, err)); err != nil {
		c.Set(failureKey, failure{problem.ID, err}) // the caller has gone
	}
}

// entry finds the catalogue entry of an error. Every kind has one, which a test
// holds; one that has not would be a defect.
func (s *server) entry(err error) contracts.Problem {
	if p, ok := s.problems[string(fault.KindOf(err))]; ok {
		return p
	}
	return s.problems[string(fault.Internal)]
}

// document is the problem document (RFC 9457 section 3).
func (s *server) document(c *gin.Context, p contracts.Problem, lang string, err error) gateway.Problem {
	id := requestID(c)
	return gateway.Problem{
		Type:      s.BaseURL + "/problems/" + p.ID,
		Title:     p.Title.In(lang),
		Status:    p.Status,
		Detail:    p.Detail.In(lang),
		Action:    p.Action.In(lang),
		Instance:  s.BaseURL + "/requests/" + id,
		Code:      p.ID,
		Side:      gateway.Side(p.Side),
		Retryable: p.Retryable,
		RequestID: id,
		Errors:    s.brokenRules(lang, err),
	}
}

// brokenRules are the fields of an error with the texts of the catalogue; a rule
// that the catalogue does not have keeps its own text.
func (s *server) brokenRules(lang string, err error) []gateway.ProblemField {
	var e *fault.Error
	if !errors.As(err, &e) {
		return nil
	}
	var broken []gateway.ProblemField
	for _, f := range e.Fields {
		detail := f.Detail
		if text, ok := s.rules[f.Rule]; ok {
			detail = text.In(lang)
		}
		broken = append(broken, gateway.ProblemField{Detail: detail, Pointer: f.Pointer, Rule: f.Rule})
	}
	return broken
}

// retryAfter is the advice when to try again. Waiting is advised only where it
// can help, and never absurdly long, whatever a foreign system said.
func retryAfter(p contracts.Problem, err error) time.Duration {
	if !p.Retryable {
		return 0
	}
	var e *fault.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		return min(e.RetryAfter, maxRetryAfter)
	}
	if p.Status == http.StatusServiceUnavailable {
		return defaultRetryAfter
	}
	return 0
}

// languageOf picks Kazakh, Russian or English by Accept-Language (RFC 9110
// section 12.5.4), English if nothing fits.
func languageOf(r *http.Request) string {
	offered := [...]language.Tag{language.English, language.Kazakh, language.Russian}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return "en"
	}
	_, i, confidence := language.NewMatcher(offered[:]).Match(wanted...)
	if confidence == language.No {
		return "en"
	}
	return offered[i].String()
}

func (s *server) noRoute(c *gin.Context) { s.fail(c, fault.New(fault.NoSuchRoute, "route", "")) }

// noMethod answers a known path with another method; gin has set Allow.
func (s *server) noMethod(c *gin.Context) { s.fail(c, fault.New(fault.MethodNotAllowed, "route", "")) }
