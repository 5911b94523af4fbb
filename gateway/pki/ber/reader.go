package ber

// Parts of an identifier octet (X.690, section 8.1.2).
const (
	class       = 0xc0 // all zeros are the universal class
	constructed = 0x20
	tagNumber   = 0x1f // of the low form; all ones announce the high form
)

// Tags of the universal class that have rules of their own (X.680, section 8.6).
const (
	tagEnd         = 0
	tagBitString   = 3
	tagOctetString = 4
	tagSequence    = 16
	tagSet         = 17
)

// Sets of tags of the universal class, one bit for each.
const (
	// alwaysConstructed: EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING.
	alwaysConstructed = 1<<8 | 1<<11 | 1<<tagSequence | 1<<tagSet | 1<<29
	// strings may be cut into segments: BIT STRING, OCTET STRING, ObjectDescriptor,
	// UTF8String, the restricted character strings and the two times that are
	// VisibleString, BMPString.
	strings = 1<<tagBitString | 1<<tagOctetString | 1<<7 | 1<<12 | 0x7ff<<18 | 1<<30
)

// An element is one row of the table: where it stands in the input, and what
// it is in DER.
type element struct {
	start, tagEnd int
	body, bodyEnd int  // what is copied behind the header: the contents if primitive, nothing if constructed
	size          int  // length of the contents in DER
	joined        bool // a string made of segments
	segment       bool // a segment of one: its contents alone are written
	bits          bool // a BIT STRING
	unused        byte // its number of unused bits (X.690, section 8.6.2)
}

// total is the length of the element in DER.
func (e *element) total() int {
	if e.segment {
		return e.size
	}
	return e.tagEnd - e.start + lengthOctets(e.size) + e.size
}

// reader walks the input once.
type reader struct {
	in      []byte
	limits  Limits
	rows    []element
	changed bool // the input is not DER yet
}

func refuse(r Rule, offset int, text string) *Error { return &Error{r, offset, text} }

// element reads the element at a byte, which must end before another one, and
// gives the byte behind it. whole is the string it is a segment of, if any.
func (r *reader) element(at, end, depth int, whole *element) (int, *Error) {
	switch {
	case depth > r.limits.Depth:
		return 0, refuse(RuleDepth, at, "elements are nested too deeply")
	case len(r.rows) >= r.limits.Elements:
		return 0, refuse(RuleElements, at, "there are too many elements")
	}
	tagEnd, err := r.tag(at, end)
	if err != nil {
		return 0, err
	}
	body, length, err := r.length(tagEnd, end)
	if err != nil {
		return 0, err
	}
	e := element{start: at, tagEnd: tagEnd, body: body, bodyEnd: body, segment: whole != nil}
	if err := r.form(&e, whole); err != nil {
		return 0, err
	}
	row := len(r.rows)
	r.rows = append(r.rows, e)
	next := body + length
	switch {
	case r.in[at]&constructed != 0:
		next, err = r.contents(&e, whole, length, end, depth)
	case length == indefinite:
		err = refuse(RuleLength, at, "a primitive element has an indefinite length")
	default:
		e.bodyEnd, e.size = next, length
		err = r.cut(&e, whole)
	}
	if err != nil {
		return 0, err
	}
	r.rows[row] = e
	return next, nil
}

// indefinite stands for a length that end-of-contents octets tell.
const indefinite = -1

// contents reads the elements of a constructed one and gives the byte behind it.
func (r *reader) contents(e, whole *element, length, end, depth int) (int, *Error) {
	if whole == nil && e.joined {
		whole = e
		if e.bits {
			e.size = 1 // the octet that counts the unused bits
		}
	}
	at := e.body
	if length != indefinite {
		end = at + length
	}
	for {
		switch {
		case length != indefinite && at == end:
			return at, nil
		case length == indefinite && end-at >= 2 && r.in[at] == 0 && r.in[at+1] == 0:
			return at + 2, nil
		case length == indefinite && end-at < 2:
			return 0, refuse(RuleTruncated, at, "the end-of-contents octets are missing")
		}
		row := len(r.rows)
		next, err := r.element(at, end, depth+1, whole)
		if err != nil {
			return 0, err
		}
		at = next
		e.size += r.rows[row].total()
	}
}

// form tells how the tag and the form of an element go together.
func (r *reader) form(e, whole *element) *Error {
	id := r.in[e.start]
	number := id & tagNumber
	universal := id&class == 0
	if whole != nil {
		want := byte(tagOctetString)
		if whole.bits {
			want = tagBitString
		}
		if !universal || number != want {
			return refuse(RuleSegment, e.start, "a segment is not a string of the kind of the whole")
		}
	}
	if !universal {
		return nil
	}
	e.bits = number == tagBitString
	set := uint32(1) << number
	switch {
	case number == tagEnd:
		return refuse(RuleEnd, e.start, "end-of-contents octets where none belong")
	case id&constructed == 0 && set&alwaysConstructed != 0:
		return refuse(RuleForm, e.start, "the element must be constructed")
	case id&constructed == 0 || set&alwaysConstructed != 0:
		return nil
	case set&strings == 0:
		return refuse(RuleForm, e.start, "the element must be primitive")
	}
	e.joined, r.changed = true, true
	return nil
}

// cut takes the first octet off a primitive segment of a BIT STRING. Only the
// last segment may have unused bits.
func (r *reader) cut(e, whole *element) *Error {
	if whole == nil || !whole.bits {
		return nil
	}
	switch {
	case whole.unused != 0:
		return refuse(RuleSegment, e.start, "a segment in front of another has unused bits")
	case e.size == 0 || r.in[e.body] > 7 || e.size == 1 && r.in[e.body] != 0:
		return refuse(RuleSegment, e.start, "a segment of a BIT STRING without a sound first octet")
	}
	whole.unused = r.in[e.body]
	e.body++
	e.size--
	return nil
}

// maxTagOctets bounds the high form of a tag: 28 bits are more than any
// standard uses, and what encoding/asn1 takes.
const maxTagOctets = 4

// tag gives the byte behind the identifier octets.
func (r *reader) tag(at, end int) (int, *Error) {
	if at >= end {
		return 0, refuse(RuleTruncated, at, "an element is missing")
	}
	if r.in[at]&tagNumber != tagNumber {
		return at + 1, nil
	}
	for i := range maxTagOctets {
		p := at + 1 + i
		switch {
		case p >= end:
			return 0, refuse(RuleTruncated, p, "a tag is cut off")
		case i == 0 && (r.in[p] == 0x80 || r.in[p] < tagNumber):
			return 0, refuse(RuleTag, at, "a tag is longer than needed")
		case r.in[p]&0x80 == 0:
			return p + 1, nil
		}
	}
	return 0, refuse(RuleTag, at, "a tag is too large")
}

// length gives the byte behind the length octets, and the length, which fits
// or is indefinite.
func (r *reader) length(at, end int) (int, int, *Error) {
	if at >= end {
		return 0, 0, refuse(RuleTruncated, at, "a length is missing")
	}
	body := at + 1
	n := uint64(r.in[at])
	switch {
	case n == 0x80:
		r.changed = true
		return body, indefinite, nil
	case n == 0xff:
		return 0, 0, refuse(RuleLength, at, "a length has the reserved form")
	case n > 0x80:
		body += int(n & 0x7f)
		if body > end {
			return 0, 0, refuse(RuleTruncated, at, "a length is cut off")
		}
		n = 0
		for _, octet := range r.in[at+1 : body] {
			// Leading zeros may be many, and a length that is too large is found
			// before it can overflow.
			if n = n<<8 | uint64(octet); n > uint64(end) {
				break
			}
		}
		r.changed = r.changed || body-at != lengthOctets(int(n))
	}
	if n > uint64(end-body) {
		return 0, 0, refuse(RuleTruncated, at, "an element ends behind the one around it")
	}
	return body, int(n), nil
}
