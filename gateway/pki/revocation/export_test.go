package revocation

import (
	"crypto/x509"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// MaxRecords is the most certificates of an issuer that are remembered.
const MaxRecords = maxRecords

// Records counts them.
func (k *Checker) Records(issuer *x509.Certificate) int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.records[string(issuer.Raw)])
}

// Learn tells what is known after one answer and then another.
func Learn(first, second pki.Status, at, then time.Time) (pki.Status, bool) {
	var r record
	r.learn(first, at, at)
	counts := r.learn(second, then, then)
	return r.status, counts
}
