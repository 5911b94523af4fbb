package revocation_test

import (
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestFolder: on a closed network lists are put into a folder. Nobody is asked
// anything; files are read anew when they have changed, once in an interval.
func TestFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	k := w.checker(t, revocation.Options{Folder: dir, Rescan: time.Minute, Grace: 24 * time.Hour})
	number := int64(0)
	put := func(name string, term time.Duration, reason int) {
		t.Helper()
		number++
		l := template{Number: big.NewInt(number), ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(term)}
		if reason >= 0 {
			l.RevokedCertificateEntries = pkitest.Entries(w.clock.now(), pki.CRLReason(reason), w.system)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: w.ca.ListDER(t, l)})
		write(t, filepath.Join(dir, name), text)
		stamp(t, filepath.Join(dir, name), w.clock.now())
	}
	next := func(d time.Duration) { w.clock.pass(d) }

	w.wantNone(t, k, nil)
	put("nca.crl", 10*time.Hour, -1)
	w.wantNone(t, k, nil) // not looked at again yet
	next(time.Minute)
	w.want(t, k, pki.StateGood)

	put(".hidden.crl", 10*time.Hour, 1)
	stranger := pkitest.NewAuthority(t, "НЕГІЗГІ КУӘЛАНДЫРУШЫ")
	write(t, filepath.Join(dir, "forged.crl"), stranger.ListDER(t, template{RevokedCertificateEntries: pkitest.Entries(w.clock.now(), 1, w.system)}))
	write(t, filepath.Join(dir, "notes.txt"), []byte("hunter2"))
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	next(time.Minute)
	w.want(t, k, pki.StateGood)

	put("nca.crl", 10*time.Hour, int(pki.CertificateHold))
	w.want(t, k, pki.StateGood) // not looked at again yet
	next(time.Minute)
	w.want(t, k, pki.StateRevoked)

	// Half a file: what it held before counts.
	whole := read(t, filepath.Join(dir, "nca.crl"))
	write(t, filepath.Join(dir, "nca.crl"), whole[:len(whole)/2])
	stamp(t, filepath.Join(dir, "nca.crl"), w.clock.now())
	next(time.Minute)
	w.want(t, k, pki.StateRevoked)

	put("nca.crl", time.Hour, -1)
	next(time.Minute)
	w.want(t, k, pki.StateGood)
	next(2 * time.Hour)
	if st := w.want(t, k, pki.StateGood); !st.Late {
		t.Error("a stale list is not late")
	}
	next(24 * time.Hour)
	w.wantNone(t, k, nil)
	put("nca.crl", time.Hour, -1)
	next(time.Minute)
	w.want(t, k, pki.StateGood)

	if err := os.Remove(filepath.Join(dir, "nca.crl")); err != nil {
		t.Fatal(err)
	}
	next(time.Minute)
	w.wantNone(t, k, nil)
	put("nca.crl", time.Hour, 1)
	next(time.Minute)
	w.want(t, k, pki.StateRevoked)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	next(time.Minute)
	w.want(t, k, pki.StateRevoked)
	if len(w.web.asked) != 0 {
		t.Errorf("asked: %v", w.web.asked)
	}
}

func stamp(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestFolderIsReadOnce: a file that has not changed is not read again.
func TestFolderIsReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "nca.crl")
	write(t, path, w.ca.ListDER(t, template{}))
	stamp(t, path, w.clock.now())
	k := w.checker(t, revocation.Options{Folder: dir})
	w.want(t, k, pki.StateGood)
	// Another list of the same length and time goes unnoticed.
	write(t, path, make([]byte, len(read(t, path))))
	stamp(t, path, w.clock.now())
	w.clock.pass(2 * time.Minute)
	w.want(t, k, pki.StateGood)
	stamp(t, path, w.clock.now())
	w.clock.pass(2 * time.Minute)
	w.want(t, k, pki.StateGood) // unreadable now: what it held before counts
	for i := range 300 {
		write(t, filepath.Join(dir, "x"+string(rune('a'+i%26))+string(rune('a'+i/26))), []byte("x"))
	}
	w.clock.pass(2 * time.Minute)
	w.want(t, k, pki.StateGood)
}
