package shep

import (
	"fmt"
	"strings"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Payload finds the root of the registry's answer in its data element: data
// itself, its child, or the root of a document that data holds as text,
// escaped or in CDATA. A document in text is read strictly, within limits. The
// result is zero if data is absent, nil or empty.
//
// Whatever signature covered data covers the document in its text as well.
func (d *DataProfile) Payload(data xmltext.Node, l xmltext.Limits) (xmltext.Node, error) {
	if data.IsZero() || data.Nil() {
		return xmltext.Node{}, nil
	}
	first := data.First()
	if first.IsZero() {
		text := strings.Trim(data.Text(), " \t\r\n")
		if text == "" {
			return xmltext.Node{}, nil
		}
		doc, err := xmltext.ParseString(text, l)
		if err != nil {
			return xmltext.Node{}, fmt.Errorf("the document inside data: %w", err)
		}
		return doc.Root(), nil
	}
	if !data.OnlyElements() {
		return xmltext.Node{}, &Error{"shep.mixed", "data holds both elements and text"}
	}
	single := first.NextElement().IsZero()
	switch d.Root {
	case RootData:
		return data, nil
	case RootChild:
		if !single {
			return xmltext.Node{}, &Error{"shep.child", "data does not hold exactly one element"}
		}
		return first, nil
	}
	if _, typed := data.Attr(xsi, "type"); typed || !single {
		return data, nil
	}
	return first, nil
}
