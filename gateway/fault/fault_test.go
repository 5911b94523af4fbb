package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/kopir-kz/kopir/gateway/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outer: %w", fault.Wrap(fault.ShepTimeout, "send", io.ErrUnexpectedEOF))
	if !errors.Is(err, fault.ShepTimeout) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("kind or cause lost in %v", err)
	}
	if errors.Is(err, fault.ShepFault) {
		t.Fatal("matches a kind it is not")
	}
	if got := fault.KindOf(err); got != fault.ShepTimeout {
		t.Fatalf("KindOf = %s", got)
	}
	if got := fault.KindOf(io.EOF); got != fault.Internal {
		t.Fatalf("an untyped error is %s, want internal", got)
	}
}

func TestKindsAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[fault.Kind]bool{}
	for _, k := range fault.Kinds() {
		if seen[k] {
			t.Errorf("%s listed twice", k)
		}
		seen[k] = true
	}
}
