package payload

import "github.com/kopir-kz/kopir/gateway/xmltext"

// wrappers is how many elements may stand around an answer.
const wrappers = 2

// Frame finds the element with the registry's answer, as has tells by its
// children: the payload's root, or an only child (beside a signature) where the
// channel gave <data> itself, or the content of a wrapper that newer declarations
// have. Zero if there is none.
func Frame(root xmltext.Node, has func(xmltext.Node) bool) xmltext.Node {
	n := root
	for range wrappers + 1 {
		if n.IsZero() || has(n) {
			return n
		}
		n = onlyChild(n)
	}
	return xmltext.Node{}
}

func onlyChild(n xmltext.Node) (only xmltext.Node) {
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if IsSignature(c) {
			continue
		}
		if !only.IsZero() {
			return xmltext.Node{}
		}
		only = c
	}
	return only
}

// IsSignature tells whether an element is an XML signature, which is verified
// before an adapter reads and says nothing to it.
func IsSignature(n xmltext.Node) bool {
	return n.Is("http://www.w3.org/2000/09/xmldsig#", "Signature")
}
