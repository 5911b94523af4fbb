package life

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Kinds lists the names of all events.
func Kinds() []string {
	return []string{
		Birth{}.Kind(), Death{}.Kind(), Marriage{}.Kind(), Move{}.Kind(), DisabilityGranted{}.Kind(), DisabilityExpired{}.Kind(), AccountClosed{}.Kind(),
	}
}

// Decode reads an event from the JSON object of its fields. A field that the
// event has not is an error.
func Decode(kind string, fields []byte) (Event, error) {
	switch kind {
	case Birth{}.Kind():
		return decode[Birth](fields)
	case Death{}.Kind():
		return decode[Death](fields)
	case Marriage{}.Kind():
		return decode[Marriage](fields)
	case Move{}.Kind():
		return decode[Move](fields)
	case DisabilityGranted{}.Kind():
		return decode[DisabilityGranted](fields)
	case DisabilityExpired{}.Kind():
		return decode[DisabilityExpired](fields)
	case AccountClosed{}.Kind():
		return decode[AccountClosed](fields)
	}
	return nil, fmt.Errorf("an event is one of %q", Kinds())
}

func decode[E Event](fields []byte) (Event, error) {
	var e E
	d := json.NewDecoder(bytes.NewReader(fields))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return nil, fmt.Errorf("the fields of the event: %w", err)
	}
	return e, nil
}
