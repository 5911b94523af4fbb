package revocation_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// files are the files of a cache.
func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestCacheOnDisk: what was fetched is there after a restart, for its owner only,
// in files whose names tell nothing.
func TestCacheOnDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	end := w.clock.now().Add(24 * time.Hour)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, NextUpdate: end})
	w.web.serve(listURL, says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now(), NextUpdate: end})))
	for url, o := range map[string]revocation.Options{responderURL: {Responders: one(responderURL)}, listURL: {URLs: []string{listURL}}} {
		o.CacheDir = filepath.Join(t.TempDir(), "made", "cache")
		w.want(t, w.checker(t, o), pki.StateGood)
		if info, err := os.Stat(o.CacheDir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		paths := files(t, o.CacheDir)
		if len(paths) != 1 {
			t.Fatalf("%q", paths)
		}
		if info, err := os.Stat(paths[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		if strings.Contains(paths[0], "example") || len(filepath.Base(paths[0])) < 64 {
			t.Errorf("the name tells something: %s", paths[0])
		}
		w.web.serve(url, nil)
		w.want(t, w.checker(t, o), pki.StateGood)
		if n := w.web.count(url); n != 1 {
			t.Errorf("%s was asked %d times", url, n)
		}
	}
}

// TestT5CorruptCache: a file of the cache that is cut off or changed, at any byte,
// is dropped and fetched anew. It is never fatal, and nothing good comes of it.
func TestT5CorruptCache(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]bool{"answer": false, "list": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			dir, url := t.TempDir(), responderURL
			o := revocation.Options{Responders: one(responderURL), CacheDir: dir}
			if list {
				url = listURL
				o.Responders, o.URLs = nil, []string{listURL}
			}
			since := w.clock.now().Add(-time.Hour)
			w.answers(t, responderURL, pkitest.OCSP{State: pki.StateRevoked, Since: since, Reason: 1, NextUpdate: w.clock.now().Add(time.Hour)})
			w.web.serve(listURL, says(w.ca.ListDER(t, template{RevokedCertificateEntries: pkitest.Entries(since, 1, w.system)})))
			w.want(t, w.checker(t, o), pki.StateRevoked)
			up := w.web.at[url]
			paths := files(t, dir)
			if len(paths) != 1 {
				t.Fatalf("%q", paths)
			}
			path, whole := paths[0], read(t, paths[0])
			try := func(what string, i int, b []byte) {
				t.Helper()
				write(t, path, b)
				w.web.serve(url, nil)
				if st, err := w.status(t, w.checker(t, o)); err == nil {
					t.Fatalf("%s %d: %+v", what, i, st)
				}
				if _, err := os.Stat(path); err == nil && i != len(whole) {
					t.Fatalf("%s %d: the file is still there", what, i)
				}
				if i%16 == 0 { // fetched anew
					w.web.serve(url, up)
					w.want(t, w.checker(t, o), pki.StateRevoked)
					if _, err := os.Stat(path); err != nil {
						t.Fatalf("%s %d: not kept again: %v", what, i, err)
					}
				}
			}
			for i := range whole {
				try("cut off at", i, whole[:i])
				changed := bytes.Clone(whole)
				changed[i] ^= 1 << (i % 8)
				try("changed at", i, changed)
			}
			try("a byte behind, of", -1, append(bytes.Clone(whole), 0))
			try("as long as a disk, of", -1, make([]byte, 80<<20))
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			w.web.serve(url, up)
			w.want(t, w.checker(t, o), pki.StateRevoked) // cannot be kept, but is known
		})
	}
}

// TestT5CacheOfAnother: whoever can write into the cache can put nothing there
// that the issuer did not sign about this certificate.
func TestT5CacheOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	o := revocation.Options{Responders: one(responderURL), CacheDir: dir}
	second := leaf(t, w.ca, "Second")
	far := w.clock.now().AddDate(0, 1, 0)
	w.web.serve(responderURL, responds(t, w.ca, w.clock, pkitest.OCSP{State: pki.StateGood, NextUpdate: far}, second))
	k := w.checker(t, o)
	if st, err := k.Status(t.Context(), second, w.ca.Certificate, w.clock.now()); err != nil || st.State != pki.StateGood {
		t.Fatalf("%+v, %v", st, err)
	}
	of := files(t, dir)[0]
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateRevoked, Since: w.clock.now()})
	w.want(t, k, pki.StateRevoked)
	w.web.serve(responderURL, nil)
	for _, p := range files(t, dir) {
		if p != of {
			write(t, p, read(t, of)) // the good answer about the other
		}
	}
	w.wantNone(t, w.checker(t, o), revocation.ErrUnreachable)
}

// TestPrune: at the start the cache loses what is of no more use, and nothing
// that is not its own.
func TestPrune(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	o := revocation.Options{Responders: one(responderURL), CacheDir: dir}
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateRevoked, Since: w.clock.now()})
	w.want(t, w.checker(t, o), pki.StateRevoked)
	kept := files(t, dir)[0]
	for _, name := range []string{"kopir-1.tmp", strings.Repeat("0", 64) + ".ocsp", strings.Repeat("0", 64) + ".crl", "nca.crl", "other.tmp"} {
		write(t, filepath.Join(dir, name), []byte("x"))
	}
	names := func() string {
		w.checker(t, o)
		var out []string
		for _, p := range files(t, dir) {
			out = append(out, strings.Replace(filepath.Base(p), filepath.Base(kept), "kept", 1))
		}
		return strings.Join(out, " ")
	}
	if got := names(); !strings.HasPrefix(got, "kept ") || !strings.HasSuffix(got, "nca.crl other.tmp") {
		t.Errorf("%s", got)
	}
	w.clock.pass(w.system.NotAfter.Sub(w.clock.now()) - time.Second)
	if got := names(); !strings.Contains(got, "kept") {
		t.Errorf("a revocation is dropped before the certificate has expired: %s", got)
	}
	w.clock.pass(time.Minute)
	if got := names(); got != "nca.crl other.tmp" {
		t.Errorf("%s", got)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := revocation.New(revocation.Options{CacheDir: dir}); err == nil || !strings.Contains(err.Error(), "mode 0777") {
		t.Errorf("a folder that others can write to: %v", err)
	}
}

// TestRevocationOutlivesItsResponder: what a responder has said of a revocation is
// not forgotten when its own certificate, which is a short one, has expired. What it
// has said is good must be said anew.
func TestRevocationOutlivesItsResponder(t *testing.T) {
	t.Parallel()
	for state, later := range map[pki.State]pki.State{pki.StateRevoked: pki.StateRevoked, pki.StateGood: pki.StateUnknown} {
		w := newWorld(t)
		key := pkitest.ECKey(t)
		responder := w.ca.Issue(t, "Responder", key.Public(), func(c *x509.Certificate) {
			c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, w.clock.now().Add(time.Hour)
		})
		w.answers(t, responderURL, pkitest.OCSP{
			State: state, Since: w.clock.now().Add(-time.Hour), Reason: 1, NextUpdate: w.clock.now().Add(9 * time.Hour), Signer: key, Carried: certs(responder),
		})
		o := revocation.Options{Responders: one(responderURL), CacheDir: t.TempDir()}
		w.want(t, w.checker(t, o), state)
		w.clock.pass(2 * time.Hour)
		w.web.serve(responderURL, nil)
		k := w.checker(t, o)
		if st, err := w.status(t, k); st.State != later {
			t.Errorf("%+v, %v, want state %d", st, err, later)
		}
	}
}
