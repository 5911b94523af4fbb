package c14n

import (
	"fmt"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// NameError says that a document has no canonical form, because it declares a
// namespace name that is not an absolute URI: Canonical XML 1.0, section 1.3,
// demands a failure. The recommendation means relative names; here other names
// fail as well on which implementations are known to differ, see
// xmltext.Doc.OddName.
type NameError struct {
	Offset int // of the name, in bytes from the start of the document's source
}

// Error says where the name stands, and does not repeat it.
func (e *NameError) Error() string {
	return fmt.Sprintf("c14n: the namespace name at byte %d is not an absolute URI", e.Offset)
}

// Check tells whether a document has a canonical form; the error is a
// *NameError. It costs nothing: the reader has looked already.
func Check(d *xmltext.Doc) error {
	if at := d.OddName(); at >= 0 {
		return &NameError{at}
	}
	return nil
}
