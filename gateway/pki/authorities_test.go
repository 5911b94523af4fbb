package pki_test

import (
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestNationalRSAAuthorities: the test authorities of the national centre for
// RSA form a chain.
func TestNationalRSAAuthorities(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(vectors.Dir(t), "ca")
	root, err := pki.LoadCertificates(filepath.Join(dir, "test-root-rsa-2018.pem"))
	if err != nil {
		t.Fatal(err)
	}
	nca, err := pki.LoadCertificates(filepath.Join(dir, "test-nca-rsa-2019.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if !pki.Issues(root[0], nca[0]) || !pki.Issues(root[0], root[0]) {
		t.Error("the root does not vouch for the authority")
	}
	if pki.Issues(nca[0], root[0]) {
		t.Error("the authority vouches for the root")
	}
}
