// Package applicant checks the signature under an application, as the
// regulations of public services demand it before the application is accepted.
//
// The regulation of the service on guardianship (to the standard approved by
// Order No. 198 of 13 April 2015), point 11, condition 2 (условие 2), names what
// is checked: the certificate is within its validity, it is not on the
// revocation list, and the IIN of the request is the IIN of the certificate; for
// everything else the signature itself must be confirmed. Where one of them
// fails, the service is refused with one notice: the EDS is not confirmed. Which
// of them failed is of use to the applicant, so they are four refusals here.
// That a question could not be answered, because nobody says whether the
// certificate is revoked, is no refusal: it is an outcome of its own.
package applicant

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Dictionary is the code list of contracts that holds a text for every Outcome.
const Dictionary = "applicant_signature"

// Outcome is what a check came to.
type Outcome string

// The outcomes.
const (
	Accepted            Outcome = "accepted"
	SignatureInvalid    Outcome = "signature-invalid"     // refusal: it does not hold, or is not one of a signing certificate we trust
	CertificateNotValid Outcome = "certificate-not-valid" // refusal: expired, or not valid yet
	CertificateRevoked  Outcome = "certificate-revoked"   // refusal
	IINMismatch         Outcome = "iin-mismatch"          // refusal: the signature holds, and is somebody else's
	Unchecked           Outcome = "unchecked"             // no refusal and no acceptance: ask again later
)

// Outcomes lists them all.
func Outcomes() []Outcome {
	return []Outcome{Accepted, SignatureInvalid, CertificateNotValid, CertificateRevoked, IINMismatch, Unchecked}
}

// Refused tells whether the service is refused.
func (o Outcome) Refused() bool { return o != Accepted && o != Unchecked }

// Mismatch says why a certificate is not the applicant's. It is the cause of
// IINMismatch.
type Mismatch string

// The mismatches.
const (
	NoIIN     Mismatch = "the certificate names no IIN" // of an information system, say
	OtherIIN  Mismatch = "the certificate names another IIN"
	NotPerson Mismatch = "the certificate is not one of a person"
)

// Error is the mismatch in English.
func (m Mismatch) Error() string { return string(m) }

// ErrPurpose is the cause of SignatureInvalid where the certificate is for
// proving who one is, and not for signing: its keyUsage lacks nonRepudiation. A
// certificate says what its signatures may be used for (Law No. 370 of 7 January
// 2003, article 15, item 1, subitem 5); the national centre issues two of them.
var ErrPurpose = errors.New("the certificate is not made for signing documents")

// Request is one application.
type Request struct {
	// Document is XML with an enveloped signature, or a CMS message in DER, BER,
	// PEM or base64 text.
	Document []byte
	Content  []byte    // what a detached CMS message was made over; else nil
	IIN      ident.IIN // of the applicant, as the application says
}

// Result is what a check came to. Of what was signed only the part given here
// may be used.
type Result struct {
	Outcome Outcome
	Cause   error // for the log, without names and numbers of people; nil if accepted

	// The rest is there only if the outcome is Accepted.
	Signer      *pki.Certificate // the applicant's
	SigningTime time.Time        // what a CMS message claims; zero if nothing
	Timestamp   time.Time        // what a checked time-stamp proves; zero if there is none
	Root        xmltext.Node     // of the XML document that was signed; zero for CMS
	Content     []byte           // of the CMS message; nil for XML
}

// LogValue is the outcome and its cause; what was signed stays out of the log.
func (r Result) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("outcome", string(r.Outcome))}
	if r.Cause != nil {
		attrs = append(attrs, slog.String("cause", r.Cause.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Checker checks signatures. It is safe for concurrent use.
type Checker struct {
	Keys  pki.KeyResolver  // trusts the national authorities, and knows what is revoked
	Clock func() time.Time // nil means time.Now
	XML   xmltext.Limits   // of the strict reader
	CMS   cms.Limits

	// Timestamp checks the time-stamps of CMS messages, so that a certificate is
	// judged at the moment they prove; nil does not look at them.
	Timestamp cms.TimestampChecker
	// RequireTimestamp refuses CMS messages without a time-stamp.
	RequireTimestamp bool
}

// errNoIIN says that the caller does not know who the applicant is.
var errNoIIN = errors.New("the check of an applicant's signature needs an IIN")

// Check checks a signature. A message may carry several: all of them must hold,
// and one must be the applicant's. The error says that there is no outcome: the
// caller gave no IIN, or went away.
func (c *Checker) Check(ctx context.Context, r Request) (Result, error) {
	if r.IIN.IsZero() {
		return Result{}, errNoIIN
	}
	out, signers, err := c.verify(ctx, &r)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	if err != nil {
		return Result{Outcome: outcomeOf(err), Cause: err}, nil
	}
	var first error
	for _, s := range signers {
		err := applicants(s.Certificate.Certificate, r.IIN)
		switch {
		case err != nil && first == nil:
			first = err
		case err != nil:
		case s.Certificate.KeyUsage&x509.KeyUsageContentCommitment == 0:
			return Result{Outcome: SignatureInvalid, Cause: ErrPurpose}, nil
		default:
			out.Outcome, out.Signer, out.SigningTime, out.Timestamp = Accepted, s.Certificate, s.SigningTime, s.Timestamp
			return out, nil
		}
	}
	return Result{Outcome: IINMismatch, Cause: first}, nil
}

// persons are the roles in which a person signs; legal-entity is not one of
// them, as it stands beside each of the others.
//
//nolint:gochecknoglobals // a constant table
var persons = []pki.Role{
	pki.RoleIndividual, pki.RoleHead, pki.RoleSignatory, pki.RoleFinancial, pki.RoleStaff, pki.RoleEmployee,
}

// applicants tells whether a certificate is one of the person with an IIN; the
// error is a Mismatch.
func applicants(c *x509.Certificate, iin ident.IIN) error {
	digits := pki.SubjectIIN(c)
	roles := pki.RolesOf(c)
	person := slices.ContainsFunc(roles, func(r pki.Role) bool { return slices.Contains(persons, r) })
	switch {
	case digits == "":
		return NoIIN
	case !person || slices.Contains(roles, pki.RoleInformationSystem):
		return NotPerson
	case digits != iin.Reveal():
		return OtherIIN
	}
	return nil
}
