package adaptertest

import (
	"iter"
	"strings"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// elements walks the elements below n in document order, each with its path.
func elements(n xmltext.Node) iter.Seq2[string, xmltext.Node] {
	return func(yield func(string, xmltext.Node) bool) { walk(n, "", yield) }
}

func walk(n xmltext.Node, path string, yield func(string, xmltext.Node) bool) bool {
	for c := range n.Elements() {
		below := strings.TrimPrefix(path+"/"+c.Local(), "/")
		if !yield(below, c) || !walk(c, below, yield) {
			return false
		}
	}
	return true
}

// replace puts text in the place of the bytes from start to end.
func replace(source string, start, end int, text string) string {
	return source[:start] + text + source[end:]
}

// without takes an element out.
func without(source string, n xmltext.Node) string { return replace(source, n.Start(), n.End(), "") }

// twice repeats an element.
func twice(source string, n xmltext.Node) string { return replace(source, n.End(), n.End(), n.Raw()) }

// saying gives a leaf another text, which must need no escaping.
func saying(source string, n xmltext.Node, text string) string {
	if n.EmptyTag() {
		return replace(source, n.Start(), n.End(), strings.TrimSuffix(n.Raw(), "/>")+">"+text+"</"+n.Name()+">")
	}
	return replace(source, n.TagEnd(), n.ContentEnd(), text)
}

// isLeaf tells whether an element holds text and no elements.
func isLeaf(n xmltext.Node) bool {
	return n.First().IsZero() && strings.TrimSpace(n.Text()) != ""
}

// reversed writes an element with its child elements in reverse order wherever
// their names differ, so that lists keep their order.
func reversed(source string, n xmltext.Node) string {
	if n.First().IsZero() {
		return n.Raw()
	}
	var children []string
	names := map[string]bool{}
	for c := range n.Elements() {
		children = append(children, reversed(source, c))
		names[c.Local()] = true
	}
	var b strings.Builder
	b.WriteString(source[n.Start():n.TagEnd()])
	for i := range children {
		if len(names) == len(children) {
			b.WriteString(children[len(children)-1-i])
		} else {
			b.WriteString(children[i])
		}
	}
	b.WriteString(source[n.ContentEnd():n.End()])
	return b.String()
}
