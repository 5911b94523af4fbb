package revocation

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/revocation/internal/cache"
)

// nonceBytes is the length that RFC 9654, section 2.1, recommends.
const nonceBytes = 32

// maxPaused bounds how many responders are remembered as failing.
const maxPaused = 1024

// refresh asks about one certificate the sources that are due. One caller at a
// time for each certificate.
func (k *Checker) refresh(ctx context.Context, c, issuer *x509.Certificate, name string) {
	now := k.o.Clock()
	known, due := k.recall(c, issuer, now)
	if !due {
		return // another was quicker
	}
	r := known.record
	r.causes = nil
	next := k.scanFolder(ctx)
	if r.again.IsZero() {
		k.reread(&r, c, issuer, name)
	}
	if !r.status.Final() {
		if !now.Before(r.renew) {
			k.askResponders(ctx, c, issuer, name, &r)
		}
		next = earlier(next, r.renew)
		if r.status.State == pki.StateUnknown || r.unknown || now.After(r.to.Add(k.o.Skew)) {
			next = earlier(next, k.renewLists(ctx, c, issuer, &r))
		}
	}
	r.again = next
	k.remember(c, issuer, r)
}

// reread takes in what the disk holds about a certificate.
func (k *Checker) reread(r *record, c, issuer *x509.Certificate, name string) {
	b, fetched, kept := k.disk.Read(name+cache.Answer, ocsp.MaxBytes)
	if !kept {
		return
	}
	now := k.o.Clock()
	a, sound := k.recognize(b, c, issuer, now)
	if !sound {
		// The responder's certificate may have expired since, which takes no
		// revocation back.
		a, sound = k.recognize(b, c, issuer, earlier(now, fetched))
		sound = sound && a.State == pki.StateRevoked
	}
	if !sound {
		k.disk.Remove(name + cache.Answer)
		return
	}
	r.learn(statusOf(a), a.ThisUpdate, a.Until(k.o.MaxAge))
	r.renew = k.renewal(a, earlier(now, fetched))
}

// recognize tells whether a response that was kept is of somebody who might answer
// at a moment, however old it is.
func (k *Checker) recognize(b []byte, c, issuer *x509.Certificate, at time.Time) (a ocsp.Answer, sound bool) {
	for _, p := range append(k.responders(c, issuer), Responder{}) {
		a, err := k.believe(b, ocsp.Question{Certificate: c, Issuer: issuer, Responder: p.Certificate, At: at})
		if err == nil || errors.Is(err, ocsp.ErrStale) {
			return a, true
		}
	}
	return a, false
}

// believe checks the bytes of a response. An answer that is past its time comes
// with ocsp.ErrStale; it says something still.
func (k *Checker) believe(b []byte, q ocsp.Question) (a ocsp.Answer, err error) {
	r, err := ocsp.Parse(b)
	if err != nil {
		return a, err
	}
	a, signer, err := r.About(q)
	if err != nil {
		return a, err
	}
	k.mu.RLock()
	lost, _ := k.books[string(q.Issuer.Raw)].revoked(signer.SerialNumber, q.At)
	k.mu.RUnlock()
	if lost.State == pki.StateRevoked && !signer.Equal(q.Issuer) && signer != q.Responder {
		return a, ErrResponder
	}
	return a, a.Fresh(q.At, k.o.Skew, k.o.MaxAge)
}

func statusOf(a ocsp.Answer) pki.Status {
	return pki.Status{State: a.State, Since: a.Since, Reason: a.Reason, Source: "ocsp"}
}

// renewal is when a responder is asked again after an answer.
func (k *Checker) renewal(a ocsp.Answer, fetched time.Time) time.Time {
	return earlier(fetched.Add(k.o.MaxAge), a.Until(k.o.MaxAge))
}

// responders gives who may be asked about a certificate, in order.
func (k *Checker) responders(c, issuer *x509.Certificate) (out []Responder) {
	name := pki.NameOf(issuer.RawSubject)
	for _, p := range k.o.Responders {
		if len(p.Issuer) == 0 || p.Issuer.Equal(name) {
			out = append(out, p)
		}
	}
	if !k.o.FromCertificates {
		return out
	}
	for _, u := range fromCertificate(c.OCSPServer) {
		if !slices.ContainsFunc(out, func(p Responder) bool { return p.URL == u }) {
			out = append(out, Responder{URL: u, Hash: ocsp.SHA1})
		}
	}
	return out
}

// askResponders asks one after the other until one gives an answer.
func (k *Checker) askResponders(ctx context.Context, c, issuer *x509.Certificate, name string, r *record) {
	all := k.responders(c, issuer)
	now := k.o.Clock()
	r.renew = now.Add(idle)
	if len(all) > 0 {
		r.renew = now.Add(k.o.Retry)
	}
	for _, p := range all {
		a, b, err := k.ask(ctx, p, c, issuer)
		if err == nil && !r.learn(statusOf(a), a.ThisUpdate, a.Until(k.o.MaxAge)) {
			if err = ErrOlder; a.State == pki.StateUnknown {
				err = ErrUnknown
			}
		}
		if err != nil {
			r.causes = append(r.causes, &SourceError{host(p.URL), err})
			if !errors.Is(err, ErrPaused) {
				k.o.Log.Warn("revocation: no answer", "source", host(p.URL), "cause", err.Error())
			}
			continue
		}
		if next := k.renewal(a, now); next.After(now) { // or it is at its end already
			r.renew = next
		}
		if err := k.disk.Write(name+cache.Answer, b, now, c.NotAfter); err != nil {
			k.o.Log.Warn("revocation: an answer cannot be kept", "cause", err.Error())
		}
		return
	}
}

// ask asks one responder.
func (k *Checker) ask(ctx context.Context, p Responder, c, issuer *x509.Certificate) (a ocsp.Answer, b []byte, err error) {
	now := k.o.Clock()
	k.mu.RLock()
	rests := now.Before(k.paused[p.URL])
	k.mu.RUnlock()
	if rests {
		return a, nil, ErrPaused
	}
	id, err := ocsp.NewCertID(c, issuer, p.Hash)
	if err != nil {
		return a, nil, err
	}
	nonce := make([]byte, nonceBytes)
	if _, err := io.ReadFull(k.o.Rand, nonce); err != nil {
		return a, nil, err
	}
	request, err := ocsp.NewRequest(id, nonce)
	if err != nil {
		return a, nil, err
	}
	if b, err = get(ctx, k.o.Network, p.URL, request, ocsp.MaxBytes, k.o.Timeout); err != nil {
		k.pause(p.URL, now.Add(k.o.Retry))
		return a, nil, err
	}
	a, err = k.believe(b, ocsp.Question{
		Certificate: c, Issuer: issuer, Responder: p.Certificate, Nonce: nonce, RequireNonce: p.RequireNonce, At: now,
	})
	if errors.Is(err, ocsp.TryLater) || errors.Is(err, ocsp.InternalError) {
		k.pause(p.URL, now.Add(k.o.Retry))
	}
	if errors.Is(err, ocsp.ErrStale) && a.State == pki.StateRevoked {
		err = nil // revocation is not undone by time
	}
	return a, b, err
}

// pause leaves a responder alone that does not answer: or every message would
// wait for it.
func (k *Checker) pause(url string, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.paused) >= maxPaused {
		clear(k.paused)
	}
	k.paused[url] = until
}
