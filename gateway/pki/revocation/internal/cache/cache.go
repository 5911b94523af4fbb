// Package cache keeps on disk what was fetched, one file each, so that a start
// finds it. It never fails because of what it finds: a file that is not whole is
// removed, to be fetched anew.
//
// A file is
//
//	magic (8) | fetched, Unix seconds (8) | of use until, Unix seconds (8) | what was fetched | SHA-256 of all that (32)
//
// The hash finds what a failing disk has changed. It is no protection against
// people; whoever reads has to check the signature inside.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Folder is a cache. The zero value keeps nothing.
type Folder struct {
	dir   string
	files *atomic.Int64 // in it; counted once, as looking through them would cost more with each
	most  int64
}

const (
	magic      = "kopirrv1"
	headBytes  = len(magic) + 16
	extraBytes = headBytes + sha256.Size
	maxFiles   = 1 << 16
	temporary  = "kopir-*.tmp"
)

// Suffixes of names. A name is 64 hex digits and one of them.
const (
	Answer = ".ocsp"
	List   = ".crl"
)

// ours tells whether a file is one of the cache. Others, such as lists that an
// operator has put there, are left alone.
func ours(name string) bool {
	digits, suffix := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	return len(digits) == 64 && strings.Trim(digits, "0123456789abcdef") == "" && (suffix == Answer || suffix == List)
}

// Open makes a folder, mode 0700, if it is absent, and removes from it what is of
// no more use. A folder that others can write to is refused.
func Open(dir string, now time.Time) (Folder, error) {
	d := Folder{dir, new(atomic.Int64), maxFiles}
	if dir == "" {
		return d, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return d, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return d, err
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return d, fmt.Errorf("%s: the folder has mode %04o and must be writable by its owner only (0700)", dir, mode)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return d, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if left, _ := filepath.Match(temporary, e.Name()); left || ours(e.Name()) && !useful(path, now) {
			_ = os.Remove(path)
			continue
		}
		d.files.Add(1)
	}
	return d, nil
}

// useful looks at the head of a file only.
func useful(path string, now time.Time) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, headBytes)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:len(magic)]) != magic {
		return false
	}
	return now.Before(unix(head[len(magic)+8:]))
}

func unix(b []byte) time.Time { return time.Unix(int64(binary.BigEndian.Uint64(b)), 0) }

// Read gives what is kept under a name, at most limit bytes, and when that was
// fetched.
func (d Folder) Read(name string, limit int) (content []byte, fetched time.Time, ok bool) {
	if d.dir == "" {
		return nil, fetched, false
	}
	path := filepath.Join(d.dir, name)
	f, err := os.Open(path)
	if err != nil {
		return nil, fetched, false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(limit+extraBytes)+1))
	end := len(b) - sha256.Size
	if err == nil && end >= headBytes && len(b) <= limit+extraBytes && string(b[:len(magic)]) == magic {
		if sum := sha256.Sum256(b[:end]); bytes.Equal(sum[:], b[end:]) {
			return b[headBytes:end], unix(b[len(magic):]), true
		}
	}
	d.Remove(name)
	return nil, fetched, false
}

// Remove drops what is kept under a name.
func (d Folder) Remove(name string) {
	if d.dir != "" && os.Remove(filepath.Join(d.dir, name)) == nil {
		d.files.Add(-1)
	}
}

// ErrFull says that the cache holds as many files as it may.
var ErrFull = errors.New("the revocation cache is full")

// Write keeps content under a name, wholly or not at all, mode 0600.
func (d Folder) Write(name string, content []byte, fetched, until time.Time) (err error) {
	if d.dir == "" {
		return nil
	}
	path := filepath.Join(d.dir, name)
	_, missing := os.Stat(path)
	if missing != nil && d.files.Load() >= d.most {
		return ErrFull
	}
	b := make([]byte, 0, len(content)+extraBytes)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint64(b, uint64(fetched.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(until.Unix()))
	b = append(b, content...)
	sum := sha256.Sum256(b)
	f, err := os.CreateTemp(d.dir, temporary) // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(append(b, sum[:]...))
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if missing != nil {
		d.files.Add(1)
	}
	return syncDir(d.dir)
}

// syncDir makes a rename outlive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
