package pki

import (
	"context"
	"time"
)

// Class is the step at which something signed was refused, be it an XML
// signature, a CMS message or a time-stamp.
type Class string

// The classes, in the order of the steps.
const (
	ClassInput       Class = "input"       // the strict reader refused the bytes
	ClassStructure   Class = "structure"   // not an accepted shape, or no signature at all
	ClassTrust       Class = "trust"       // the signer is not one we trust
	ClassSignature   Class = "signature"   // forbidden algorithm, wrong value or wrong digest
	ClassFreshness   Class = "freshness"   // outside the time window
	ClassCorrelation Class = "correlation" // an answer to another question
)

// KeyResolver finds the certificate a hint means and checks at a moment that
// it is trusted; a Store is one. A refusal to trust is an *Error; any other
// error says that the question could not be answered.
type KeyResolver interface {
	Resolve(ctx context.Context, h Hint, at time.Time) (*Certificate, error)
}
