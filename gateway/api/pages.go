package api

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5/static"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

//go:embed pages
var pageFiles embed.FS

// pages are what a browser sees. They need nothing from the internet and hold
// no data about anybody.
type pages struct {
	contract []byte
	docsPage []byte
	problems map[string]problemPage // by id
}

// problemPage is one entry of the catalogue in both its forms.
type problemPage struct {
	entry gateway.ProblemType
	html  []byte
}

func newPages(baseURL string, catalogue *contracts.Catalogue) (*pages, error) {
	templates, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	p := &pages{contract: contracts.OpenAPI(), problems: map[string]problemPage{}}
	if p.docsPage, err = render(templates, "docs.html", nil); err != nil {
		return nil, err
	}
	for _, problem := range catalogue.Problems {
		entry := problemType(baseURL, problem, catalogue.Rules)
		html, err := render(templates, "problem.html", entry)
		if err != nil {
			return nil, err
		}
		p.problems[problem.ID] = problemPage{entry, html}
	}
	return p, nil
}

func render(templates *template.Template, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return b.Bytes(), nil
}

func problemType(baseURL string, p contracts.Problem, rules map[string]contracts.Texts) gateway.ProblemType {
	entry := gateway.ProblemType{
		Type: baseURL + "/problems/" + p.ID, Code: p.ID, Status: p.Status, Side: gateway.Side(p.Side), Retryable: p.Retryable,
		Title: gateway.Texts(p.Title), Detail: gateway.Texts(p.Detail), Action: gateway.Texts(p.Action),
	}
	for id, text := range rules {
		reading := strings.HasPrefix(id, "json.")
		if p.ID == string(fault.MalformedJSON) && reading || p.ID == string(fault.InvalidRequest) && !reading {
			entry.Rules = append(entry.Rules, gateway.ProblemRule{Rule: id, Text: gateway.Texts(text)})
		}
	}
	slices.SortFunc(entry.Rules, func(a, b gateway.ProblemRule) int { return strings.Compare(a.Rule, b.Rule) })
	return entry
}

func (p *pages) openAPI(c *gin.Context) { c.Data(http.StatusOK, "application/yaml", p.contract) }

// policyDocs lets the documentation load its own files and the contract. Its
// user interface keeps small pictures inside its style sheet.
const policyDocs = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (p *pages) docs(c *gin.Context) {
	c.Header("Content-Security-Policy", policyDocs)
	c.Data(http.StatusOK, "text/html; charset=utf-8", p.docsPage)
}

// problemPage shows an entry of the catalogue, as JSON to those who ask for it.
func (s *server) problemPage(c *gin.Context) {
	page, ok := s.pages.problems[c.Param("id")]
	if !ok {
		s.fail(c, fault.New(fault.NoSuchRoute, "show problem", ""))
		return
	}
	c.Writer.Header().Add("Vary", "Accept")
	if c.NegotiateFormat("text/html", "application/json") == "application/json" {
		c.Header("Content-Type", "application/json")
		c.Status(http.StatusOK)
		if err := writeJSON(c.Writer, page.entry); err != nil {
			_ = c.Error(err) // the caller has gone
		}
		return
	}
	c.Header("Content-Security-Policy", policyPage)
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.html)
}

// asset serves the few files that our pages load: our own, and those of Swagger
// UI (Apache-2.0), which its module keeps packed.
func (s *server) asset(c *gin.Context) {
	name := c.Param("asset")
	var b []byte
	var err error
	switch name {
	case "kopir.css", "docs.js":
		b, err = fs.ReadFile(pageFiles, "pages/"+name)
	case "swagger-ui.css", "swagger-ui-bundle.js":
		b, err = unpacked(c, name)
	default:
		s.fail(c, fault.New(fault.NoSuchRoute, "show page", ""))
		return
	}
	if err != nil {
		s.fail(c, fault.Wrap(fault.Internal, "show page", err))
		return
	}
	c.Data(http.StatusOK, mime.TypeByExtension(path.Ext(name)), b)
}

// unpacked gives a packed file, as it is to those who can unpack it.
func unpacked(c *gin.Context, name string) ([]byte, error) {
	packed, err := static.FS.ReadFile(name + ".gz")
	if err != nil {
		return nil, err
	}
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		c.Header("Content-Encoding", "gzip")
		return packed, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r) // our own file: its size is known
}
