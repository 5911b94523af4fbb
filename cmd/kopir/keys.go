package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/inspect"
	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
)

type keysCmd struct {
	Info   keysInfo   `cmd:"" help:"Show the keys and certificates in files: PEM, DER, keystores (PKCS#12)."`
	Check  keysCheck  `cmd:"" help:"Check that a key fits its certificate and signs, and that the certificate holds. Exit status 0: accepted, 3: refused, 2: usage."`
	Expiry keysExpiry `cmd:"" help:"List certificates by the days they are still good. Exit status 3: one has expired or soon will."`
	Open   keysOpen   `cmd:"" help:"Write the key and the certificates of a keystore as PEM."`
}

type keysInfo struct {
	passwordFlags
	atFlag
	Personal bool `help:"Show also names and numbers of persons."`
	outputFlag
	Files []string `arg:"" name:"file" help:"Files to read." type:"existingfile"`
}

// Run shows what the files hold.
func (c *keysInfo) Run(s streams) error {
	out := struct {
		*verdict.Verdict
		Files []inspect.File `json:"files"`
	}{Files: []inspect.File{}}
	o := inspect.Options{At: c.now(), Personal: c.Personal}
	var err error
	out.Verdict, err = c.keystores(s).each(c.Files, func(name string, b *pki.Bundle) {
		out.Files = append(out.Files, inspect.OfFile(name, b, o))
	})
	if err != nil {
		return err
	}
	return c.show(s, out.Verdict, out, func(w io.Writer) {
		for i := range out.Files {
			out.Files[i].Print(w)
		}
	})
}

// each reads files. The verdict is on the first that does not open; the others are
// read all the same.
func (k keystores) each(files []string, read func(name string, b *pki.Bundle)) (*verdict.Verdict, error) {
	v := verdict.Accept(files...)
	for _, f := range files {
		b, err := k.open(f)
		var e *exit
		switch {
		case errors.As(err, &e):
			return nil, err
		case err != nil && v.Verdict == verdict.Accepted:
			v = verdict.Refuse(pki.ClassInput, err)
		case err == nil:
			read(f, b)
		}
	}
	return v, nil
}

// show prints a listing: the object, or the text and the verdict if it is a
// refusal.
func (c outputFlag) show(s streams, v *verdict.Verdict, object any, text func(io.Writer)) error {
	if c.JSON {
		if err := json.NewEncoder(s.out).Encode(object); err != nil {
			return err
		}
	} else {
		text(s.out)
	}
	if v.Verdict == verdict.Accepted {
		return nil
	}
	if !c.JSON {
		return c.tell(s, v)
	}
	return &exit{status: exitRefused}
}

type keysExpiry struct {
	passwordFlags
	atFlag
	Within time.Duration `help:"Certificates that end within this time count as expiring." default:"720h"`
	outputFlag
	Files []string `arg:"" name:"file" help:"Files to read: PEM, DER, keystores." type:"existingfile"`
}

// dated is a certificate in the listing of keys expiry.
type dated struct {
	File     string        `json:"file"`
	Subject  string        `json:"subject"`
	Issuer   string        `json:"issuer"`
	Serial   string        `json:"serial"`
	NotAfter time.Time     `json:"not_after"`
	DaysLeft int           `json:"days_left"`
	State    inspect.State `json:"state"`
}

// expiring is the state of a certificate that is good, but not for long.
const expiring inspect.State = "expiring"

// Run lists the certificates, the first to end first.
func (c *keysExpiry) Run(s streams) error {
	out := struct {
		*verdict.Verdict
		Within       string  `json:"within"`
		Certificates []dated `json:"certificates"`
	}{Within: c.Within.String(), Certificates: []dated{}}
	now := c.now()
	var err error
	out.Verdict, err = c.keystores(s).each(c.Files, func(name string, b *pki.Bundle) {
		for _, cert := range b.Certificates {
			d := inspect.OfCertificate(cert, inspect.Options{At: now})
			if d.State == inspect.Valid && cert.NotAfter.Before(now.Add(c.Within)) {
				d.State = expiring
			}
			out.Certificates = append(out.Certificates, dated{name, d.Subject, d.Issuer, d.Serial, d.NotAfter, d.DaysLeft, d.State})
		}
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(out.Certificates, func(a, b dated) int {
		return cmp.Or(a.NotAfter.Compare(b.NotAfter), cmp.Compare(a.File, b.File), cmp.Compare(a.Serial, b.Serial))
	})
	if out.Verdict.Verdict == verdict.Accepted {
		out.Verdict = endings(out.Certificates, out.Verdict)
	}
	return c.show(s, out.Verdict, out, func(w io.Writer) {
		for _, d := range out.Certificates {
			fmt.Fprintf(w, "%6d  %-13s  %s  %s  %s\n", d.DaysLeft, d.State, d.NotAfter.Format(time.RFC3339), verdict.Plain(d.Subject), verdict.Plain(d.File))
		}
	})
}

// endings refuses where a certificate has ended or soon will; v is the verdict
// otherwise.
func endings(list []dated, v *verdict.Verdict) *verdict.Verdict {
	count, first := 0, -1
	for i, d := range list {
		if d.State == inspect.Expired || d.State == expiring {
			count++
			if first < 0 {
				first = i
			}
		}
	}
	if count == 0 {
		return v
	}
	d := list[first]
	v = verdict.Refuse(pki.ClassTrust, fmt.Errorf("%d of %d certificates have expired or soon will", count, len(list)))
	v.Failed = &verdict.Failed{Step: "validity", Certificate: &verdict.Certificate{Subject: d.Subject, Issuer: d.Issuer, Serial: d.Serial}}
	return v
}
