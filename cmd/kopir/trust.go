package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// trustFlags say what is trusted, and at which moment.
type trustFlags struct {
	Trust        []string `help:"Root certificates (PEM or DER)." placeholder:"FILE" type:"existingfile"`
	Intermediate []string `help:"Certificates between the roots and the signers." placeholder:"FILE" type:"existingfile"`
	CRL          []string `name:"crl" help:"Revocation lists; with at least one, every issuer needs a fresh one." placeholder:"FILE" type:"existingfile"`
	atFlag
}

// store holds what is trusted. The certificates of the files known are those of
// systems that a message names by issuer and serial number only; warn is told what
// is of no use.
func (c *trustFlags) store(warn io.Writer, known ...string) (*pki.Store, error) {
	var o pki.Options
	for _, g := range []struct {
		files []string
		into  *[]*x509.Certificate
	}{{c.Trust, &o.Roots}, {c.Intermediate, &o.Intermediates}, {known, &o.Known}} {
		certs, err := loadAll(g.files)
		if err != nil {
			return nil, err
		}
		*g.into = certs
	}
	lists, err := loadLists(c.CRL)
	if err != nil {
		return nil, err
	}
	if len(lists) > 0 {
		known := revocation.NewLists(slices.Concat(o.Roots, o.Intermediates), lists...)
		if n := known.Unexplained(); n > 0 {
			fmt.Fprintf(warn, "kopir: warning: --crl: %d of the lists are signed by no given authority and prove nothing\n", n)
		}
		o.Revocation, o.Revoker = pki.RevocationHard, known
	}
	return pki.NewStore(o), nil
}

// atFlag is the moment to judge at.
type atFlag struct {
	At *time.Time `help:"Judge as of this moment (RFC 3339); default now." format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
}

func (c *atFlag) now() time.Time {
	if c.At != nil {
		return *c.At
	}
	return time.Now()
}

// outputFlag chooses the face of a verdict.
type outputFlag struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// tell prints a verdict; the exit status is that of it.
func (c outputFlag) tell(s streams, v *verdict.Verdict) error {
	if err := v.Write(s.out, c.JSON); err != nil {
		return err
	}
	if v.Verdict != verdict.Accepted {
		return &exit{status: exitRefused}
	}
	return nil
}

// usage is an error of the command line or of a file that it names.
func usage(err error) error { return &exit{exitUsage, err.Error()} }

// readInput reads a file, or standard input if it is "-": one byte more than is
// let in, so that the strict reader can say that it is too long.
func readInput(file string, stdin io.Reader, most int) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		stdin = f
	}
	return io.ReadAll(io.LimitReader(stdin, int64(most)+1))
}
