package tsp_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

func oid(n ...int) asn1.ObjectIdentifier { return n }

var (
	oidSHA1    = oid(1, 3, 14, 3, 2, 26)
	oidSHA256  = oid(2, 16, 840, 1, 101, 3, 4, 2, 1)
	oidSHA512  = oid(2, 16, 840, 1, 101, 3, 4, 2, 3)
	oidTSTInfo = oid(1, 2, 840, 113549, 1, 9, 16, 1, 4)
	oidPolicy  = oid(1, 2, 398, 3, 3, 99, 1)
	oidOther   = oid(1, 2, 398, 3, 3, 99, 2)
)

func der(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// usage gives a certificate an extended key usage.
func usage(t testing.TB, critical bool, purposes ...asn1.ObjectIdentifier) func(*x509.Certificate) {
	t.Helper()
	e := pkix.Extension{Id: oid(2, 5, 29, 37), Critical: critical, Value: der(t, purposes)}
	return func(c *x509.Certificate) { c.ExtraExtensions = append(c.ExtraExtensions, e) }
}

var timeStamping = oid(1, 3, 6, 1, 5, 5, 7, 3, 8)

// world is a time-stamp authority and who certified it.
type world struct {
	ca *pkitest.Authority
	*tsp.Authority
}

func newWorld(t testing.TB, key crypto.Signer, changes ...func(*x509.Certificate)) *world {
	t.Helper()
	if changes == nil {
		changes = append(changes, usage(t, true, timeStamping))
	}
	ca := pkitest.NewAuthority(t, "Root")
	return &world{ca, &tsp.Authority{
		Key: key, Certificate: ca.Issue(t, "TSA", key.Public(), changes...), Chain: []*x509.Certificate{ca.Certificate},
		Policy: oidPolicy, Accuracy: 2 * time.Second,
	}}
}

func (w *world) verifier() *tsp.Verifier {
	return &tsp.Verifier{Keys: w.ca.Store(), Clock: pkitest.Now}
}

func imprint(t testing.TB, digest asn1.ObjectIdentifier, stamped []byte) tsp.Imprint {
	t.Helper()
	i, err := tsp.NewImprint(digest, stamped)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// answer lets the authority answer a request.
func (w *world) answer(t testing.TB, r *tsp.Request, at time.Time) []byte {
	t.Helper()
	query, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Respond(query, big.NewInt(7), at)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// token obtains a token over some bytes.
func (w *world) token(t testing.TB, stamped []byte, at time.Time) []byte {
	t.Helper()
	token, err := tsp.ParseResponse(w.answer(t, tsp.NewRequest(imprint(t, oidSHA256, stamped)), at))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// info is a TSTInfo before it is signed, for shapes that Respond never makes.
type info struct {
	Version    int
	Policy     asn1.ObjectIdentifier
	Imprint    messageImprint
	Serial     *big.Int
	Time       asn1.RawValue
	Accuracy   asn1.RawValue `asn1:"optional"`
	Ordering   bool          `asn1:"optional"`
	Nonce      *big.Int      `asn1:"optional"`
	Name       asn1.RawValue `asn1:"optional"`
	Extensions asn1.RawValue `asn1:"optional"`
}

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Sum       []byte
}

// generalized is a GeneralizedTime with any text.
func generalized(text string) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte(text)}
}

// forge signs a TSTInfo that was changed.
func (w *world) forge(t testing.TB, stamped []byte, o cms.SignOptions, change func(*info)) []byte {
	t.Helper()
	i := imprint(t, oidSHA256, stamped)
	made := info{
		Version: 1, Policy: oidPolicy, Serial: big.NewInt(1), Time: generalized("20261101120000Z"),
		Imprint: messageImprint{pkix.AlgorithmIdentifier{Algorithm: i.Digest}, i.Sum},
	}
	change(&made)
	if o.ContentType == nil {
		o.ContentType = oidTSTInfo
	}
	token, err := cms.Sign(der(t, made), w.Key, w.Certificate, o)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// expect holds a verdict against the step at which the token must be refused;
// "" stands for acceptance.
func expect(t testing.TB, err error, step tsp.Step) {
	t.Helper()
	var e *tsp.Error
	switch {
	case step == "" && err != nil:
		t.Errorf("refused: %v", err)
	case step != "" && !errors.As(err, &e):
		t.Errorf("want %s, got %v", step, err)
	case step != "" && e.Step != step:
		t.Errorf("want %s, got %v", step, err)
	}
}

var background = context.Background()

func day(d int) time.Time { return pkitest.Now().AddDate(0, 0, d) }

func reasonOf(err error) pki.Reason {
	var e *pki.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}
