package revocation

import (
	"context"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

// maxFolderFiles bounds how many files of a folder are read.
const maxFolderFiles = 256

// folder reads the revocation lists that somebody puts into a folder, where there
// is no network to fetch them over. A file is read again when its size or time
// has changed. One that cannot be read, perhaps because it is being written,
// leaves what it held before.
type folder struct {
	dir    string
	limits crl.Limits
	files  map[string]dropped

	pages []page // guarded by the Checker's lock, as is next
	next  time.Time
}

type dropped struct {
	size  int64
	at    time.Time
	pages []page
}

// scanFolder looks into the folder if it is due, and tells when it is next.
func (k *Checker) scanFolder(ctx context.Context) time.Time {
	now := k.o.Clock()
	if k.o.Folder == "" {
		return now.Add(idle)
	}
	_ = k.flights.do(ctx, "folder", func() { // ends with ctx, which has no end
		k.mu.RLock()
		due := !now.Before(k.folder.next)
		k.mu.RUnlock()
		if !due {
			return
		}
		pages := k.folder.read(k.o.Authorities, k.o.Log)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.folder.pages, k.folder.next = pages, now.Add(k.o.Rescan)
		k.bind()
	})
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.folder.next
}

// read gives the lists that the folder holds. One caller at a time.
func (f *folder) read(authorities []*x509.Certificate, log *slog.Logger) (pages []page) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		log.Warn("revocation: the folder of lists cannot be read")
		for _, old := range f.files {
			pages = append(pages, old.pages...)
		}
		return pages
	}
	files := map[string]dropped{}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(f.dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if len(files) == maxFolderFiles {
			log.Warn("revocation: too many files in the folder of lists; the rest is not read", "most", maxFolderFiles)
			break
		}
		old, known := f.files[e.Name()]
		now := dropped{info.Size(), info.ModTime(), old.pages}
		if !known || old.size != now.size || !old.at.Equal(now.at) {
			now.pages = f.load(e.Name(), authorities, old.pages, log)
		}
		files[e.Name()] = now
		pages = append(pages, now.pages...)
	}
	f.files = files
	return pages
}

// load reads the lists of a file that an authority signed.
func (f *folder) load(name string, authorities []*x509.Certificate, before []page, log *slog.Logger) (pages []page) {
	lists, err := f.limits.Load(filepath.Join(f.dir, name))
	if err != nil {
		log.Warn("revocation: a file in the folder of lists cannot be read", "file", name)
		return before
	}
	for _, l := range lists {
		p := page{List: l, issuers: signers(l, authorities), renewed: true}
		if len(p.issuers) == 0 {
			log.Warn("revocation: a list in the folder is signed by no configured authority", "file", name)
			continue
		}
		pages = append(pages, p)
	}
	return pages
}
