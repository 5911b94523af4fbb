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

// place is where a revocation list is fetched from.
type place struct {
	url    string
	opened bool // the cache was looked at

	// Guarded by the Checker's lock.
	page page      // List is nil while there is none
	next time.Time // when it is fetched again
	err  error     // why there is none that is in force
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
	if k.flights.do(waiting, "list "+p.url, func() { k.renewList(ctx, p) }) != nil {
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
	var urls [][]string
	for _, u := range k.o.URLs {
		urls = append(urls, []string{u})
	}
	if k.o.FromCertificates {
		urls = append(urls, fromCertificate(c.CRLDistributionPoints), fromCertificate(crl.FreshestURLs(c)))
	}
	now := k.o.Clock()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, alternatives := range urls {
		var places []*place
		for _, u := range alternatives {
			if p := k.place(u); p != nil && (p.page.List == nil || slices.ContainsFunc(p.page.issuers, issuer.Equal)) {
				places = append(places, p)
			}
		}
		slices.SortStableFunc(places, func(a, b *place) int { return b.rank(now) - a.rank(now) })
		out = append(out, places)
	}
	return out
}

// place gives what is known of a URL; nil where there are too many. The caller
// holds the lock.
func (k *Checker) place(url string) *place {
	p := k.places[url]
	if p == nil && len(k.places) < maxPlaces {
		p = &place{url: url}
		k.places[url] = p
	}
	return p
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
	if err := k.install(p, b, now); err != nil {
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
	sum := sha256.Sum256([]byte(p.url))
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
	if err == nil {
		err = k.install(p, b, now)
	}
	if err != nil {
		k.o.Log.Warn("revocation: no list", "source", host(p.url), "cause", err.Error())
		k.mu.Lock()
		defer k.mu.Unlock()
		p.next, p.err = now.Add(k.o.Retry), err
		return
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

// install puts a list in its place, unless it is older than the one there: on the
// way somebody may have kept it and replayed it.
func (k *Checker) install(p *place, b []byte, now time.Time) error {
	lists, err := k.o.Limits.ParseAll(b)
	if err != nil {
		return err
	}
	fetched := page{List: lists[0], issuers: signers(lists[0], k.o.Authorities), renewed: true}
	if len(lists) > 1 || len(fetched.issuers) == 0 {
		return ErrUnsigned
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.page.List != nil && fetched.ThisUpdate.Before(p.page.ThisUpdate) {
		return ErrOlder
	}
	p.page, p.err, p.next = fetched, nil, fetched.NextUpdate
	switch {
	case fetched.NextUpdate.IsZero():
		p.next = now.Add(k.o.MaxAge)
	case !now.Before(fetched.NextUpdate):
		// The authority is late. The list may be long: not at every message.
		p.err, p.next = ErrStale, now.Add(staleRetries*k.o.Retry)
	}
	k.bind()
	return nil
}

// staleRetries is how much longer than a failed one a source is left alone that
// answers with what is past its time.
const staleRetries = 10
