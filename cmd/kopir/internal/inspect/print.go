package inspect

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
)

// Print prints a file, its name first.
func (f *File) Print(w io.Writer) {
	fmt.Fprintln(w, verdict.Plain(f.File))
	t := verdict.Table{W: w}
	t.Row("form", string(f.Form))
	if f.MAC != nil {
		t.Row("mac", f.MAC.String())
	}
	var by []string
	for _, s := range f.Encryption {
		by = append(by, s.String())
	}
	t.Fact(verdict.Fact{Name: "encryption", Value: by})
	for _, k := range f.Keys {
		t.Row("key", k.String())
		t.Row("name", k.Name)
		t.Row("sha256", k.Fingerprint)
		if k.Certificate == nil {
			t.Row("certificate", "none of this key")
			continue
		}
		k.Certificate.print(t)
	}
	for i := range f.Certificates {
		f.Certificates[i].print(t)
	}
}

// String is the scheme in a few words.
func (s Scheme) String() string { return fmt.Sprintf("%s, %d iterations", s.Name, s.Iterations) }

func (c *Certificate) print(t verdict.Table) {
	t.Row("certificate", c.Subject)
	t.Row("iin", c.IIN)
	t.Row("bin", c.BIN)
	var roles []string
	for _, r := range c.Roles {
		roles = append(roles, string(r))
	}
	t.Row("roles", strings.Join(roles, ", "))
	t.Row("issuer", c.Issuer)
	t.Row("serial", c.Serial)
	t.Row("public key", c.PublicKey.String())
	t.Row("signed by", c.Signature)
	if c.CA {
		t.Row("authority", "yes")
	}
	t.Row("usage", strings.Join(append(c.KeyUsage, c.ExtendedUses...), ", "))
	t.Row("valid", fmt.Sprintf("%s to %s, %s", c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339), c.Left()))
	t.Fact(verdict.Fact{Name: "ocsp", Value: c.OCSP})
	t.Fact(verdict.Fact{Name: "crl", Value: c.CRL})
}

// Left says in words how long the certificate is still good.
func (c *Certificate) Left() string {
	switch c.State {
	case Expired:
		return fmt.Sprintf("expired %d days ago", -c.DaysLeft)
	case NotYetValid:
		return "not valid yet"
	}
	return fmt.Sprintf("%d days left", c.DaysLeft)
}
