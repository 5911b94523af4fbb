package pki

import (
	"crypto/x509"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

// register is what the intermediate authority knows about the certificates it
// has issued.
type register struct {
	mu      sync.Mutex
	issued  map[string]bool // by the serial number's bytes
	revoked []revocation
}

type revocation struct {
	entry x509.RevocationListEntry
	base  bool // on the base list already; later ones are on the delta list only
}

func (r *register) add(serial *big.Int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.issued == nil {
		r.issued = map[string]bool{}
	}
	r.issued[string(serial.Bytes())] = true
}

func (r *register) revoke(serial *big.Int, at time.Time, reason int, base bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revoked = append(r.revoked, revocation{x509.RevocationListEntry{SerialNumber: serial, RevocationTime: at, ReasonCode: reason}, base})
}

// entries are those of the base list, or those that came later.
func (r *register) entries(base bool) (out []x509.RevocationListEntry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.revoked {
		if v.base == base {
			out = append(out, v.entry)
		}
	}
	return out
}

func (r *register) status(serial *big.Int) issue.OCSPStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.revoked, func(v revocation) bool { return v.entry.SerialNumber.Cmp(serial) == 0 })
	switch {
	case at >= 0:
		e := r.revoked[at].entry
		return issue.OCSPStatus{Status: issue.Revoked, Revoked: e.RevocationTime, Reason: e.ReasonCode}
	case r.issued[string(serial.Bytes())]:
		return issue.OCSPStatus{Status: issue.Good}
	}
	return issue.OCSPStatus{Status: issue.Unknown}
}

// Revoke withdraws a certificate of the intermediate authority (RFC 5280,
// section 5.3.1, has the reasons). OCSP and the delta list tell it at once, the
// base list does not: it was signed before.
func (p *PKI) Revoke(c *x509.Certificate, at time.Time, reason int) {
	p.register.revoke(c.SerialNumber, at.UTC().Truncate(time.Second), reason, false)
}
