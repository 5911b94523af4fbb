package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// passwordEnv is the variable that may hold the password of keystores.
const passwordEnv = "KOPIR_PASSWORD"

// passwordFlags say where the password of keystores comes from: never from the
// command line, which everybody on the machine can read.
type passwordFlags struct {
	PasswordFile  string `help:"File with the password of the keystore, readable by its owner only; default the variable KOPIR_PASSWORD." placeholder:"FILE" type:"existingfile" xor:"password"`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from the first line of standard input." xor:"password"`
}

var errNoPassword = errors.New("a keystore needs its password: --password-file, --password-stdin or the variable " + passwordEnv)

// maxPassword bounds the line of standard input, in bytes.
const maxPassword = 4 << 10

// read gives the password, nil if there is none. An empty one may be right.
func (c *passwordFlags) read(s streams) ([]byte, error) {
	switch {
	case c.PasswordFile != "":
		secret, err := config.ReadSecret(c.PasswordFile)
		return []byte(secret.Reveal()), err
	case c.PasswordStdin:
		line, err := bufio.NewReaderSize(io.LimitReader(s.in, maxPassword), maxPassword).ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, errors.New("the password cannot be read from standard input")
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
	if text, given := os.LookupEnv(passwordEnv); given {
		return []byte(text), nil
	}
	return nil, errNoPassword
}

// keystores opens files of keys or certificates with one password, which is asked
// for when the first keystore needs it.
type keystores struct {
	password func() ([]byte, error)
}

func (c *passwordFlags) keystores(s streams) keystores {
	return keystores{sync.OnceValues(func() ([]byte, error) { return c.read(s) })}
}

// open reads a file. A keystore without a password is an error of usage; what does
// not open is for the caller to judge.
func (k keystores) open(path string) (*pki.Bundle, error) {
	b, err := pki.ReadBundle(path)
	if err != nil {
		return nil, usage(err)
	}
	defer clear(b)
	password, err := k.forFile(b)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", path, err))
	}
	f, err := pki.ParseBundle(b, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// identity reads the one key of a file, to sign with; warn is told what is doubtful.
func (k keystores) identity(path string, warn io.Writer) (*pki.Identity, error) {
	b, err := k.open(path)
	if err == nil {
		err = one(b)
	}
	if err != nil {
		return nil, err
	}
	doubt, err := exposed(path, b.Form)
	if err != nil {
		return nil, err
	}
	if doubt != "" {
		fmt.Fprintf(warn, "kopir: warning: %s: %s\n", path, doubt)
	}
	return &b.Identities[0], nil
}

// exposed refuses a key that others than its owner can read: it must be taken for
// known to everybody on the machine. Of a keystore, which its password closes, it
// only says so.
func exposed(path string, form pki.Form) (doubt string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	mode := info.Mode().Perm()
	switch {
	case mode&0o077 == 0:
		return "", nil
	case form == pki.FormPKCS12:
		return fmt.Sprintf("others can read it (mode %04o); a gateway does not start with such a keystore", mode), nil
	}
	return "", fmt.Errorf("%s: the key file has mode %04o and %w", path, mode, pki.ErrReadable)
}

// one tells why a file does not hold exactly one key.
func one(b *pki.Bundle) error {
	switch len(b.Identities) {
	case 0:
		return pki.ErrNoKey
	case 1:
		return nil
	}
	return pki.ErrSeveralKeys
}

// forFile gives the password if the file needs one.
func (k keystores) forFile(b []byte) ([]byte, error) {
	if pki.FormOf(b) != pki.FormPKCS12 {
		return nil, nil
	}
	return k.password()
}
