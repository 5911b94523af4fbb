package adaptertest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Fuzz reads mutated payloads of the examples. Whatever the strict reader
// accepts, the adapter answers: with facts that are valid by the contract and
// the same every time, or with a refusal of one of its kinds in words of its
// own. It never panics.
func Fuzz(f *testing.F, s Suite) {
	f.Helper()
	examples := s.load(f)
	schema := s.schema(f)
	for i, e := range examples {
		root, err := payload(e.answer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, []byte(root.Raw()))
	}
	f.Fuzz(func(t *testing.T, i int, document []byte) {
		if i < 0 || i >= len(examples) {
			return
		}
		e := examples[i]
		doc, err := xmltext.Parse(document, xmltext.Limits{})
		if err != nil {
			return
		}
		p := gateway.Payload{Root: doc.Root()}
		facts, err := s.Adapter.Answer(e.query, e.meta, p)
		again, err2 := s.Adapter.Answer(e.query, e.meta, p)
		if !reflect.DeepEqual(facts, again) || (err == nil) != (err2 == nil) {
			t.Fatal("the same answer read twice gives other facts")
		}
		if err != nil {
			if !errors.Is(err, fault.ContractViolation) && !errors.Is(err, fault.AnswerMismatch) && !errors.Is(err, fault.RegistryFault) {
				t.Fatalf("refused with a kind that no adapter has: %v", err)
			}
			checkWords(t, err)
			return
		}
		s.checkSchema(t, schema, facts)
	})
}
