package payload

import "github.com/kopir-kz/kopir/gateway/xmltext"

// DateTime is xsd:dateTime with an explicit offset, as requests carry it; see
// gateway/shep.
const DateTime = "2006-01-02T15:04:05.000Z07:00"

// AppendElement writes an element with a text.
func AppendElement(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = xmltext.AppendText(dst, value)
	return append(append(append(dst, "</"...), name...), '>')
}

// AppendOptional writes an element with a text, and nothing for "".
func AppendOptional(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return AppendElement(dst, name, value)
}
