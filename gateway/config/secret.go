package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// Secret is a text that does not show itself: every printer and encoder gets
// "***". Reveal gives the text.
type Secret string

const masked = "***"

// Reveal is the text.
func (s Secret) Reveal() string { return string(s) }

// String masks.
func (Secret) String() string { return masked }

// GoString masks %#v.
func (Secret) GoString() string { return masked }

// Format masks every verb of fmt, %x and %q among them.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue masks in log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks in encoding/json and others.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalYAML masks in YAML.
func (Secret) MarshalYAML() (any, error) { return masked, nil }

// maxSecretBytes bounds a secret file: no key or password is longer.
const maxSecretBytes = 64 << 10

// ReadSecret reads a file that holds a secret, without the white space around
// it. A file that others than its owner can read, an empty one and one above
// 64 KiB are refused. Errors name the file, never its content.
func ReadSecret(path string) (Secret, error) {
	b, err := readPrivate(path)
	if err != nil {
		return "", err
	}
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return "", fmt.Errorf("%s: empty", path)
	}
	return Secret(b), nil
}

// readPrivate reads a file that nobody but its owner may read, of at most 64
// KiB.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := private(info); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxSecretBytes:
		return nil, fmt.Errorf("%s: longer than %d bytes", path, maxSecretBytes)
	}
	return b, nil
}

// private checks that only the owner of a file can get at it.
func private(info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	if p := info.Mode().Perm(); p&0o077 != 0 {
		return fmt.Errorf("accessible to others (mode %04o); use chmod 600", p)
	}
	return nil
}
