package revocation

import (
	"context"
	"crypto/x509"
	"math/big"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

// Lists is a pki.Revoker that answers from revocation lists which never change:
// those of configuration. A list that names a certificate counts even when it is
// stale: revocation is not undone by silence.
type Lists struct {
	books       map[string]book
	unexplained int
}

// NewLists makes Lists. A list that none of the authorities signed is left out,
// so that it proves nothing; see Unexplained.
func NewLists(authorities []*x509.Certificate, lists ...*crl.List) *Lists {
	s := &Lists{books: map[string]book{}}
	for _, l := range lists {
		p := page{List: l, issuers: signers(l, authorities)}
		if len(p.issuers) == 0 {
			s.unexplained++
		}
		p.enter(s.books)
	}
	return s
}

// Unexplained counts the lists that no authority signed. They are not used;
// whoever configured them should know.
func (s *Lists) Unexplained() int { return s.unexplained }

// Status looks a certificate up. The error is a *NoAnswerError.
func (s *Lists) Status(_ context.Context, c, issuer *x509.Certificate, at time.Time) (pki.Status, error) {
	k := knowledge{book: s.books[string(issuer.Raw)], serial: c.SerialNumber}
	if st, told := k.judge(moment{at: at}); told {
		return st, nil
	}
	return pki.Status{}, &NoAnswerError{}
}

// signers gives the authorities that signed a list: several where a key has
// several certificates.
func signers(l *crl.List, authorities []*x509.Certificate) (out []*x509.Certificate) {
	for _, a := range authorities {
		if l.CheckFrom(a) == nil {
			out = append(out, a)
		}
	}
	return out
}

// page is a list whose signature was checked.
type page struct {
	*crl.List
	issuers []*x509.Certificate
	renewed bool // a newer one is fetched in time: skew and grace apply
}

// enter puts a page into the books of its issuers.
func (p page) enter(books map[string]book) {
	for _, issuer := range p.issuers {
		books[string(issuer.Raw)] = append(books[string(issuer.Raw)], p)
	}
}

// book holds all the lists of one issuer, in no order.
type book []page

// moment is what is asked about, with the time by which an answer may lie after
// it or before it: where an answer comes over the network two clocks are
// involved.
type moment struct {
	at          time.Time
	early, late time.Duration
}

func (m moment) in(from, to time.Time) bool {
	return !m.at.Before(from.Add(-m.early)) && !m.at.After(to.Add(m.late))
}

// revoked gives the entry that says that a certificate is revoked at a moment,
// and when that was so. A suspension counts until a newer list lifts it.
func (b book) revoked(serial *big.Int, at time.Time) (st pki.Status, from time.Time) {
	for i := range b {
		e, named := b[i].Find(serial)
		if !named || e.Reason == pki.RemoveFromCRL || at.Before(e.Since) {
			continue
		}
		found := pki.Status{State: pki.StateRevoked, Since: e.Since, Reason: e.Reason, Source: "crl"}
		if found.Final() {
			return found, b[i].ThisUpdate
		}
		if !b.lifts(serial, b[i].ThisUpdate, at) && !b[i].ThisUpdate.Before(from) {
			st, from = found, b[i].ThisUpdate
		}
	}
	return st, from
}

// lifts tells whether a list newer than a suspension, and not newer than the
// moment, takes it back: a complete one by silence, a delta list by saying so.
func (b book) lifts(serial *big.Int, suspended, at time.Time) bool {
	for i := range b {
		if !b[i].ThisUpdate.After(suspended) || b[i].ThisUpdate.After(at) {
			continue
		}
		e, named := b[i].Find(serial)
		if !named && b[i].Complete() || named && e.Reason == pki.RemoveFromCRL && b.applies(b[i], at) {
			return true
		}
	}
	return false
}

// applies tells whether there is a complete list that a delta list goes with.
func (b book) applies(delta page, at time.Time) bool {
	for i := range b {
		if delta.Updates(b[i].List) && !b[i].ThisUpdate.After(at) {
			return true
		}
	}
	return false
}

// silent tells whether the lists are in force at a moment, so that not being
// named says something: a complete one, perhaps brought up to date by a delta
// list. A list without nextUpdate never is.
func (b book) silent(m moment) bool {
	for i := range b {
		p, by := &b[i], m
		if !p.renewed {
			by.early, by.late = 0, 0
		}
		if !p.NextUpdate.IsZero() && by.in(p.ThisUpdate, p.NextUpdate) && (p.Complete() || p.Base != nil && b.applies(*p, m.at)) {
			return true
		}
	}
	return false
}
