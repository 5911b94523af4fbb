package revocation

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation/internal/cache"
)

// idle is when a source is looked at that has nothing to do.
const idle = 24 * time.Hour

// place is where a revocation list is fetched from. One that a certificate names
// is there for the lists of its issuer alone: whoever answers once with another
// authority's must not take it over.
type place struct {
	url    string
	issuer *x509.Certificate // nil: a URL of configuration, for every authority
	opened bool              // the cache was looked at

	// Guarded by the Checker's lock.
	page    page      // the last one; List is nil while there is none
	earlier []page    // the last ones of other authorities and of the other kind
	next    time.Time // when it is fetched again
	err     error     // why there is none that is in force
}

// renewLists fetches the lists that may name a certificate, those that are due,
// and tells when the next one is.
func (k *Checker) renewLists(ctx context.Context, c, issuer *x509.Certificate, r *record) time.Time {
	next := k.o.Clock().Add(idle)
	for _, alternatives := range k.placesOf(c, issuer) {
		for _, p := range alternatives {
			at, err := k.renewPlace(ctx, p, issuer)
			next = earlier(next, at)
			if err == nil {
				break
			}
			r.causes = append(r.causes, &SourceError{host(p.url), err})
		}
	}
	return next
}

// renewPlace has a list fetched if it is due, and tells when it is due again. A
// place that has failed is not waited for while other lists are in force: it may
// be one that takes its time to fail.
func (k *Checker) renewPlace(ctx context.Context, p *place, issuer *x509.Certificate) (next time.Time, err error) {
	now := k.o.Clock()
	k.mu.RLock()
	failed := p.err
	spare := failed != nil && k.books[string(issuer.Raw)].silent(moment{at: now})
	k.mu.RUnlock()
	waiting, leave := context.WithCancel(ctx)
	defer leave()
	if spare {
		leave()
	}
	if k.flights.do(waiting, "list "+p.key(), func() { k.renewList(ctx, p) }) != nil {
		return now.Add(k.o.Retry), failed
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return p.next, p.err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// placesOf gives where lists of an issuer are, or may be: each of configuration,
// and one of those that the certificate names for complete lists and for delta
// lists. An alternative that is in force comes before those that are not.
func (k *Checker) placesOf(c, issuer *x509.Certificate) (out [][]*place) {
	now := k.o.Clock()
	var urls [][]string
	if k.o.FromCertificates {
		urls = append(urls, fromCertificate(c.CRLDistributionPoints), fromCertificate(crl.FreshestURLs(c)))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	// Whose list a place of configuration holds, the list itself says. Who has none
	// in force looks again where that of another authority is to be renewed.
	missing := !k.books[string(issuer.Raw)].silent(moment{at: now})
	for _, u := range k.o.URLs {
		if p := k.places[u]; p.page.List == nil || slices.ContainsFunc(p.page.issuers, issuer.Equal) || missing && !now.Before(p.next) {
			out = append(out, []*place{p})
		}
	}
	for _, alternatives := range urls {
		var places []*place
		for _, u := range alternatives {
			if p := k.place(u, issuer); p != nil {
				places = append(places, p)
			}
		}
		slices.SortStableFunc(places, func(a, b *place) int { return b.rank(now) - a.rank(now) })
		out = append(out, places)
	}
	return out
}

// place gives what is known of a URL that a certificate of an issuer names; nil
// where there are too many. The caller holds the lock.
func (k *Checker) place(url string, issuer *x509.Certificate) *place {
	if p := k.places[url]; p != nil {
		return p // of configuration
	}
	made := &place{url: url, issuer: issuer}
	p := k.places[made.key()]
	if p == nil && len(k.places) < maxPlaces {
		p = made
		k.places[p.key()] = p
	}
	return p
}

// key names a place.
func (p *place) key() string {
	if p.issuer == nil {
		return p.url
	}
	return p.url + " " + string(p.issuer.Raw) // a URL holds no space
}

// rank is higher for a place whose list is in force.
func (p *place) rank(now time.Time) int {
	if p.page.List != nil && p.err == nil && now.Before(p.next) {
		return 1
	}
	return 0
}

// maxFromCertificate bounds how many URLs of one certificate are used.
const maxFromCertificate = 4

// fromCertificate gives the URLs of a certificate that may be asked.
func fromCertificate(urls []string) (out []string) {
	for _, u := range urls {
		if _, err := parseURL(u); err == nil && len(out) < maxFromCertificate {
			out = append(out, u)
		}
	}
	return out
}

// open puts the list that the cache holds in its place.
func (k *Checker) open(p *place) {
	p.opened = true
	b, _, kept := k.disk.Read(p.file(), k.maxList())
	if !kept {
		return
	}
	now := k.o.Clock()
	if _, err := k.install(p, b, now); err != nil {
		k.disk.Remove(p.file())
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !now.Before(p.page.NextUpdate) {
		p.next = now // what is stale is renewed at once
	}
}

// file names what the cache holds for a place.
func (p *place) file() string {
	sum := sha256.Sum256([]byte(p.key()))
	return hex.EncodeToString(sum[:]) + cache.List
}

// renewList fetches a list if it is due. One caller at a time.
func (k *Checker) renewList(ctx context.Context, p *place) {
	if !p.opened {
		k.open(p)
	}
	now := k.o.Clock()
	k.mu.RLock()
	due := !now.Before(p.next)
	k.mu.RUnlock()
	if !due {
		return
	}
	b, err := get(ctx, k.o.Network, p.url, nil, k.maxList(), k.o.ListTimeout)
	next := false
	if err == nil {
		next, err = k.install(p, b, now)
	}
	if err != nil {
		k.o.Log.Warn("revocation: no list", "source", host(p.url), "cause", err.Error())
		k.mu.Lock()
		defer k.mu.Unlock()
		p.next, p.err = now.Add(k.o.Retry), err
		return
	}
	if !next {
		return // the cache has room for one, and keeps the first
	}
	// A stale list is of use too: what it names is revoked.
	if err := k.disk.Write(p.file(), b, now, now.AddDate(1, 0, 0)); err != nil {
		k.o.Log.Warn("revocation: a list cannot be kept", "cause", err.Error())
	}
}

func (k *Checker) maxList() int {
	if k.o.Limits.Bytes > 0 {
		return k.o.Limits.Bytes
	}
	return crl.MaxBytes
}

// install puts a list in its place, unless it is older than the one it follows: on
// the way somebody may have kept it and replayed it. Where it does not follow the
// last one, next is false and both are kept: what is revoked stays so.
func (k *Checker) install(p *place, b []byte, now time.Time) (next bool, err error) {
	lists, err := k.o.Limits.ParseAll(b)
	if err != nil {
		return false, err
	}
	fetched := page{List: lists[0], issuers: signers(lists[0], k.o.Authorities), renewed: true}
	if len(lists) > 1 || len(fetched.issuers) == 0 {
		return false, ErrUnsigned
	}
	if p.issuer != nil && !slices.ContainsFunc(fetched.issuers, p.issuer.Equal) {
		return false, ErrIssuer
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if next, err = p.take(fetched); err != nil {
		return false, err
	}
	p.err, p.next = nil, fetched.NextUpdate
	switch {
	case fetched.NextUpdate.IsZero():
		p.next = now.Add(k.o.MaxAge)
	case !now.Before(fetched.NextUpdate):
		// The authority is late. The list may be long: not at every message.
		p.err, p.next = ErrStale, now.Add(staleRetries*k.o.Retry)
	}
	k.bind()
	return next, nil
}

// take puts a list in the place of the one it follows. The error is ErrOlder.
func (p *place) take(fetched page) (next bool, err error) {
	var others []page
	for _, old := range append(p.earlier[:len(p.earlier):len(p.earlier)], p.page) {
		switch {
		case old.List == nil:
		case !fetched.follows(old):
			others = append(others, old)
		case fetched.ThisUpdate.Before(old.ThisUpdate):
			return false, ErrOlder
		}
	}
	next = p.page.List == nil || fetched.follows(p.page)
	p.page, p.earlier = fetched, others
	return next, nil
}

// follows tells whether a list is of the authorities and of the kind of another
// one: complete, limited, or one of changes.
func (p page) follows(old page) bool {
	return p.Complete() == old.Complete() && (p.Base == nil) == (old.Base == nil) && slices.EqualFunc(p.issuers, old.issuers, (*x509.Certificate).Equal)
}

// staleRetries is how much longer than a failed one a source is left alone that
// answers with what is past its time.
const staleRetries = 10
