package hashtest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// OpenSSL compares the hash with one of OpenSSL's GOST engine, e.g.
// "md_gost12_512", for messages of many lengths. Without the program or the
// engine the test is skipped. The empty message is left out: of it the engine's
// md_gost94 hashes a block of zeros that the standard does not have.
func OpenSSL(t *testing.T, algorithm string, newHash func() hash.Hash) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	messages := map[string][]byte{}
	var names []string
	add := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		messages[name] = data
		names = append(names, name)
	}
	add("first", []byte("first"))
	if out, err := dgst(t, dir, algorithm, names); err != nil {
		first, _, _ := strings.Cut(out, "\n")
		t.Skipf("openssl has no engine with %s: %v: %s", algorithm, err, first)
	}
	for n := 1; n < 1<<16; n += 1 + n/9 {
		add(fmt.Sprintf("%d", n), Bytes(n))
		add(fmt.Sprintf("%d-ones", n), bytes.Repeat([]byte{0xff}, n))
	}
	out, err := dgst(t, dir, algorithm, names)
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		digest, name, ok := strings.Cut(strings.TrimSpace(line), " *")
		if !ok {
			continue // it says which engine it uses
		}
		if got := hex.EncodeToString(Of(newHash(), messages[name])); got != digest {
			t.Errorf("digest of the message %q\nis                %s\nwith openssl it is %s", name, got, digest)
		}
		delete(messages, name)
	}
	if len(messages) > 0 {
		t.Errorf("openssl gave no digest of %d messages", len(messages))
	}
}

// dgst is a line for each file: the digest, " *" and the name.
func dgst(t *testing.T, dir, algorithm string, names []string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", "dgst", "-engine", "gost", "-r")
	cmd.Args = append(append(cmd.Args, "-"+algorithm), names...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
