package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
)

type keysOpen struct {
	passwordFlags
	Out string `help:"Folder to write into; made, mode 0700, if it is absent." required:"" placeholder:"DIR" type:"path"`
	outputFlag
	File string `arg:"" help:"Keystore to open." type:"existingfile"`
}

// Run writes key and certificates, each into a file of its own that must not be
// there yet, and prints the names.
func (c *keysOpen) Run(s streams) error {
	b, err := c.keystores(s).open(c.File)
	var e *exit
	switch {
	case errors.As(err, &e):
		return err
	case err != nil:
		return c.tell(s, verdict.Refuse(pki.ClassInput, err))
	case len(b.Identities) == 0:
		return c.tell(s, verdict.Refuse(pki.ClassInput, fmt.Errorf("%s: %w", c.File, pki.ErrNoKey)))
	}
	files, err := opened(b)
	defer wipe(files)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return usage(err)
	}
	names, err := writeNew(c.Out, files)
	if err != nil {
		return usage(err)
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string][]string{"files": names})
	}
	for _, n := range names {
		fmt.Fprintln(s.out, n)
	}
	return nil
}

// A pemFile is a file to be written.
type pemFile struct {
	name string
	text []byte
	mode os.FileMode
}

// opened makes the files of a bundle: key.pem, cert.pem, and others.pem with what
// is no key's own. Of several keys each has its number.
func opened(b *pki.Bundle) (files []pemFile, err error) {
	own := map[string]bool{}
	for i, id := range b.Identities {
		number := ""
		if len(b.Identities) > 1 {
			number = fmt.Sprintf("-%d", i+1)
		}
		der, err := pki.MarshalPKCS8(id.Key)
		if err != nil {
			return files, err
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		clear(der)
		files = append(files, pemFile{"key" + number + ".pem", text, 0o600})
		if id.Certificate != nil {
			own[string(id.Certificate.Raw)] = true
			text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.Certificate.Raw})
			files = append(files, pemFile{"cert" + number + ".pem", text, 0o644})
		}
	}
	var others []byte
	for _, c := range b.Certificates {
		if !own[string(c.Raw)] {
			others = append(others, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
	}
	if len(others) > 0 {
		files = append(files, pemFile{"others.pem", others, 0o644})
	}
	return files, nil
}

func wipe(files []pemFile) {
	for _, f := range files {
		clear(f.text)
	}
}

// writeNew writes files that are not there yet: all of them or none.
func writeNew(dir string, files []pemFile) (names []string, err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, n := range names {
			_ = os.Remove(n)
		}
		names = nil
	}()
	for _, f := range files {
		name := filepath.Join(dir, f.name)
		w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
		if err != nil {
			return names, err
		}
		names = append(names, name)
		_, err = w.Write(f.text)
		if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
			return names, err
		}
	}
	return names, nil
}
