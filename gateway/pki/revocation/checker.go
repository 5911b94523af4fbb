// Package revocation knows which certificates are revoked: it is the pki.Revoker
// of configuration.
//
// Lists answers from revocation lists that never change. A Checker also asks
// OCSP responders, fetches lists and looks into a folder for them, in this order
// for one certificate:
//
//	memory → responders by priority → lists: fetched, of the folder, of configuration → grace
//
// A source that fails, or does not know the certificate, leaves the answer to
// the next one. What was fetched is kept in memory and on disk until its time is
// over, and then for the grace while nobody gives a newer answer, so that an
// outage of the responders is survived. A revocation is never forgotten: neither
// silence nor "unknown" undoes it, and a suspension is lifted only by an answer
// newer than it.
//
// Nothing that was fetched counts before its signature was checked, the cache on
// disk included: whoever can write there can make answers vanish, not appear.
package revocation

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/revocation/internal/cache"
)

// Responder is an OCSP responder of configuration.
type Responder struct {
	URL    string
	Issuer pki.Name // of the authority it answers for; empty: every authority
	// Certificate may sign its answers beside the issuer and those it delegates
	// to; nil if nobody else may.
	Certificate *x509.Certificate
	// Hash names certificates in requests; default SHA-1.
	Hash asn1.ObjectIdentifier
	// RequireNonce refuses answers that were not made for the request.
	RequireNonce bool
}

// Options are what a Checker is made of. A zero field takes the default named
// beside it.
type Options struct {
	Authorities []*x509.Certificate // whose lists are read
	Static      *Lists              // lists of configuration
	Responders  []Responder         // the first is asked first
	URLs        []string            // of revocation lists, complete and delta
	Folder      string              // with revocation lists, in files of any name
	// FromCertificates also uses the URLs in certificates, after those of
	// configuration. The Network must refuse addresses that are nobody's business.
	FromCertificates bool

	// Network sends what is asked; nil: nothing is. Redirects are refused
	// whatever it does.
	Network     http.RoundTripper
	Timeout     time.Duration // for a responder; 5s
	ListTimeout time.Duration // for a list; 1m

	CacheDir string        // keeps what was fetched, mode 0700; "": memory only
	Retry    time.Duration // how long a source that failed is left alone; 30s
	Rescan   time.Duration // how often the folder is looked at, at most; 1m
	MaxAge   time.Duration // after that a responder is asked again even if its answer is good for longer; 1h
	Grace    time.Duration // how long an answer past its time is used while there is no newer one; 0
	Skew     time.Duration // by which other clocks may differ; 0

	Limits crl.Limits       // of a list
	Clock  func() time.Time // time.Now
	Rand   io.Reader        // of nonces; crypto/rand
	Log    *slog.Logger     // of sources that fail; none
}

// Bounds on what a Checker keeps in memory, by authority and in all.
const (
	maxRecords = 4096
	maxPlaces  = 64
)

// Checker is a pki.Revoker. It is safe for concurrent use, and the certificates
// it is asked about must be signed by their issuers, those being authorities of
// configuration. While an answer is fresh it does no I/O and no cryptography.
type Checker struct {
	o       Options
	disk    cache.Folder
	flights flights
	folder  folder

	mu      sync.RWMutex
	records map[string]map[string]*record // by the issuer's certificate and the serial number
	places  map[string]*place             // by key: a URL, of a certificate with its issuer
	books   map[string]book               // of all lists, by the issuer's certificate
	paused  map[string]time.Time          // responders, by URL
}

// New makes a Checker. It opens the cache, and no connection. The error says
// which option is wrong.
func New(o Options) (*Checker, error) {
	fill(&o.Timeout, 5*time.Second)
	fill(&o.ListTimeout, time.Minute)
	fill(&o.Retry, 30*time.Second)
	fill(&o.Rescan, time.Minute)
	fill(&o.MaxAge, time.Hour)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Responders = slices.Clone(o.Responders)
	for i := range o.Responders {
		if o.Responders[i].Hash == nil {
			o.Responders[i].Hash = ocsp.SHA1
		}
	}
	k := &Checker{
		o: o, folder: folder{dir: o.Folder, limits: o.Limits},
		records: map[string]map[string]*record{}, places: map[string]*place{}, paused: map[string]time.Time{},
	}
	var err error
	if k.disk, err = cache.Open(o.CacheDir, o.Clock()); err != nil {
		return nil, err
	}
	k.bind()
	for _, u := range o.URLs {
		k.places[u] = &place{url: u}
		k.open(k.places[u])
	}
	return k, nil
}

func fill(field *time.Duration, def time.Duration) {
	if *field == 0 {
		*field = def
	}
}

func (o *Options) check() error {
	if o.Network == nil && (len(o.Responders) > 0 || len(o.URLs) > 0 || o.FromCertificates) {
		return errors.New("revocation: there are URLs to ask and no network to ask them over")
	}
	if len(o.URLs) > maxPlaces {
		return errors.New("revocation: too many URLs of lists")
	}
	urls := o.URLs
	for _, r := range o.Responders {
		urls = append(urls[:len(urls):len(urls)], r.URL)
		if _, ok := pki.NewHash(r.Hash); r.Hash != nil && !ok {
			return &pki.AlgorithmError{What: "hash function", OID: r.Hash}
		}
	}
	for _, u := range urls {
		if _, err := parseURL(u); err != nil {
			return errors.New("revocation: a source must be an absolute http or https URL without user and fragment")
		}
	}
	return nil
}

// Status tells how it stands with a certificate at a moment. The error is a
// *NoAnswerError; where ctx ends first, it is among the causes.
func (k *Checker) Status(ctx context.Context, c, issuer *x509.Certificate, at time.Time) (pki.Status, error) {
	now := k.o.Clock()
	known, due := k.recall(c, issuer, now)
	if !due {
		return k.judge(&known, c, issuer, at, now)
	}
	name := cacheName(c, issuer)
	waited := k.flights.do(ctx, name, func() { k.refresh(context.WithoutCancel(ctx), c, issuer, name) })
	known, _ = k.recall(c, issuer, now)
	st, err := k.judge(&known, c, issuer, at, now)
	var none *NoAnswerError
	if waited != nil && errors.As(err, &none) {
		err = &NoAnswerError{Causes: append(none.Causes[:len(none.Causes):len(none.Causes)], waited)}
	}
	return st, err
}

func (k *Checker) judge(known *knowledge, c, issuer *x509.Certificate, at, now time.Time) (pki.Status, error) {
	m := moment{at: at, early: k.o.Skew, late: k.o.Skew}
	st, told := known.judge(m)
	if st.Final() && !known.record.status.Final() {
		// The next list may leave it out.
		_, from := known.book.revoked(c.SerialNumber, at)
		known.record.learn(st, from, from)
		k.remember(c, issuer, known.record)
	}
	// What happened long ago is judged by what was in force then.
	if !told && k.o.Grace > 0 && !at.Before(now.Add(-k.o.Skew)) {
		st, told = known.late(m, k.o.Grace)
	}
	if !told {
		return pki.Status{}, &NoAnswerError{Causes: known.record.causes}
	}
	return st, nil
}

// recall gives what memory holds, and whether some source is due to be asked.
func (k *Checker) recall(c, issuer *x509.Certificate, now time.Time) (known knowledge, due bool) {
	var room [32]byte
	key := serialKey(c.SerialNumber, &room)
	known.serial = c.SerialNumber
	k.mu.RLock()
	defer k.mu.RUnlock()
	known.book = k.books[string(issuer.Raw)]
	r := k.records[string(issuer.Raw)][string(key)]
	if r == nil {
		return known, true
	}
	known.record = *r
	return known, !now.Before(r.again)
}

// remember keeps a record. Where there are too many, one goes that a responder
// can replace. A revocation that another has found meanwhile stays.
func (k *Checker) remember(c, issuer *x509.Certificate, r record) {
	var room [32]byte
	key := string(serialKey(c.SerialNumber, &room))
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.records[string(issuer.Raw)]
	if of == nil {
		of = map[string]*record{}
		k.records[string(issuer.Raw)] = of
	}
	old, known := of[key]
	if known && old.status.Final() {
		r.status, r.from, r.to = old.status, old.from, old.to
	}
	if !known && len(of) >= maxRecords {
		var victim string
		for victim, old = range of {
			if old.status.State != pki.StateRevoked {
				break
			}
		}
		delete(of, victim)
	}
	of[key] = &r
}

// serialKey is a serial number as the key of a map, without asking for memory.
func serialKey(n *big.Int, room *[32]byte) []byte {
	if n.BitLen() > 8*len(room) {
		return n.Bytes()
	}
	return n.FillBytes(room[:])
}

// cacheName names a certificate where neither issuer nor serial number shall be
// read.
func cacheName(c, issuer *x509.Certificate) string {
	h := sha256.New()
	h.Write(issuer.Raw)
	h.Write(c.SerialNumber.Bytes())
	return hex.EncodeToString(h.Sum(nil))
}

// bind makes the books anew after a list has changed. The caller holds the lock,
// or is alone.
func (k *Checker) bind() {
	books := map[string]book{}
	if k.o.Static != nil {
		for issuer, b := range k.o.Static.books {
			books[issuer] = append(books[issuer], b...)
		}
	}
	for _, p := range k.folder.pages {
		p.enter(books)
	}
	for _, at := range k.places {
		if at.page.List != nil {
			at.page.enter(books)
		}
		for _, p := range at.earlier {
			p.enter(books)
		}
	}
	k.books = books
}
