package c14n

import (
	"errors"
	"strings"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// maxBases bounds what the xml:base values of an element and its ancestors may
// come to: joining them costs their length at every level.
const maxBases = 16 << 10

var errBases = errors.New("c14n: the xml:base values to be joined are too long")

// joinBases joins the xml:base values from the outermost ancestor to n.
func (c *writer) joinBases(n xmltext.Node) string {
	var bases []string
	size := 0
	for ; !n.IsZero(); n = n.Parent() {
		if base, ok := n.Attr(xmltext.NamespaceXML, "base"); ok {
			bases, size = append(bases, base), size+len(base)
		}
	}
	if size > maxBases {
		c.err = errBases
		return ""
	}
	joined := ""
	for i := len(bases) - 1; i >= 0; i-- {
		joined = joinReference(joined, bases[i])
	}
	return joined
}

// joinReference is the modified reference resolution of Canonical XML 1.1,
// section 2.4: RFC 3986, section 5.2, except that base may be relative, the
// fragment of the base is dropped, and leading ".." segments are kept.
func joinReference(base, ref string) string {
	r, b := split(ref), split(base)
	switch {
	case r.scheme != "":
	case r.authority != "":
		r.scheme = b.scheme
	case r.path == "":
		if r.query == "" {
			r.query = b.query
		}
		r.scheme, r.authority, r.path = b.scheme, b.authority, b.path
	case strings.HasPrefix(r.path, "/"):
		r.scheme, r.authority = b.scheme, b.authority
	default:
		r.scheme, r.authority = b.scheme, b.authority
		if i := strings.LastIndexByte(b.path, '/'); i >= 0 {
			r.path = b.path[:i+1] + r.path
		} else if b.authority != "" {
			r.path = "/" + r.path
		}
	}
	return r.scheme + r.authority + removeDots(r.path) + r.query + r.fragment
}

type reference struct{ scheme, authority, path, query, fragment string }

// split cuts a reference into its parts, delimiters included (RFC 3986,
// appendix B).
func split(s string) (r reference) {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, r.fragment = s[:i], s[i:]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, r.query = s[:i], s[i:]
	}
	if i := strings.IndexAny(s, ":/"); i > 0 && s[i] == ':' {
		s, r.scheme = s[i+1:], s[:i+1]
	}
	if strings.HasPrefix(s, "//") {
		end := strings.IndexByte(s[2:], '/')
		if end < 0 {
			end = len(s) - 2
		}
		s, r.authority = s[2+end:], s[:2+end]
	}
	r.path = s
	return r
}

// removeDots removes "." and inner ".." segments and doubled slashes, and
// ends a trailing ".." with a slash (Canonical XML 1.1, section 2.4).
func removeDots(path string) string {
	rooted := strings.HasPrefix(path, "/")
	var kept []string
	segments := strings.Split(path, "/")
	last := segments[len(segments)-1]
	for _, s := range segments {
		switch {
		case s == "" || s == ".":
		case s == ".." && len(kept) > 0 && kept[len(kept)-1] != "..":
			kept = kept[:len(kept)-1]
		case s == ".." && rooted:
		default:
			kept = append(kept, s)
		}
	}
	out := strings.Join(kept, "/")
	if rooted {
		out = "/" + out
	}
	if (last == "" || last == "." || last == "..") && len(kept) > 0 {
		out += "/"
	}
	return out
}
