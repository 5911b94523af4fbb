package revocation_test

import (
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestT5WhatReplacesWhat: which answer counts after which, made before, at the
// same time or later.
func TestT5WhatReplacesWhat(t *testing.T) {
	t.Parallel()
	unknown, good := pki.Status{}, pki.Status{State: pki.StateGood}
	hold, lost := pki.Status{State: pki.StateRevoked, Reason: pki.CertificateHold}, pki.Status{State: pki.StateRevoked, Reason: 1}
	for _, tt := range []struct {
		name                   string
		first, second          pki.Status
		earlier, atOnce, later bool
	}{
		{"good, good", good, good, false, true, true},
		{"good, suspended", good, hold, false, true, true},
		{"good, revoked", good, lost, true, true, true},
		{"good, unknown", good, unknown, false, false, false},
		{"suspended, good", hold, good, false, false, true},
		{"suspended, suspended", hold, hold, false, true, true},
		{"suspended, revoked", hold, lost, true, true, true},
		{"suspended, unknown", hold, unknown, false, false, false},
		{"revoked, good", lost, good, false, false, false},
		{"revoked, suspended", lost, hold, false, false, false},
		{"revoked, unknown", lost, unknown, false, false, false},
	} {
		at := pkitest.Now()
		for then, want := range map[time.Time]bool{at.Add(-time.Second): tt.earlier, at: tt.atOnce, at.Add(time.Second): tt.later} {
			got, counts := revocation.Learn(tt.first, tt.second, at, then)
			known := tt.first
			if want {
				known = tt.second
			}
			if counts != want || got != known {
				t.Errorf("%s, %v later: %+v, %v", tt.name, then.Sub(at), got, counts)
			}
		}
	}
}
