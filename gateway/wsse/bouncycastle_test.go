package wsse_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// compiled is the second implementation in testdata, on the JDK and Bouncy
// Castle.
type compiled struct{ classes string }

const provider = "/usr/share/java/bcprov.jar"

func compile(t *testing.T) compiled {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		t.Skip("javac is not installed")
	}
	if _, err := os.Stat(provider); err != nil {
		t.Skip("Bouncy Castle (libbcprov-java) is not installed")
	}
	c := compiled{t.TempDir() + ":" + provider}
	if out, err := exec.Command("javac", "-cp", provider, "-d", strings.TrimSuffix(c.classes, ":"+provider), "testdata/Envelope.java").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}

func (c compiled) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("java", append([]string{"-cp", c.classes, "Envelope"}, args...)...)
	var out, why bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &why
	err := cmd.Run()
	if err != nil && why.Len() > 0 {
		t.Fatalf("%v: %s", err, why.String())
	}
	return out.String(), err
}

// TestBouncyCastle exchanges envelopes of both national algorithms with the JDK
// and Bouncy Castle, in both directions.
func TestBouncyCastle(t *testing.T) {
	t.Parallel()
	const unsigned = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:unused="urn:kz:unused"><soap:Body>` +
		`<ns:SendMessage xmlns:ns="http://bip.bee.kz/SyncChannel/v10/Types"><request xmlns=""><requestData><data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="false">` +
		"<name lang=\"kk\" b='2'>Сынақов&#10;Әлі</name> \n<empty/></data></requestData></request></ns:SendMessage></soap:Body></soap:Envelope>"
	ca, java := pkitest.NewAuthority(t, "Test CA"), compile(t)
	for _, tt := range []struct {
		name  string
		curve *gost3410.Curve
	}{{"2004", gost3410.CryptoProA()}, {"2015", gost3410.TC26A512()}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key, err := gost3410.GenerateKey(tt.curve, nil)
			if err != nil {
				t.Fatal(err)
			}
			cert := ca.Issue(t, "Сынақ", key.Public())
			signer, err := xmldsig.NewSigner(key, cert.Raw)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := func(name string, b []byte) string {
				t.Helper()
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			certificate := file("cert.der", cert.Raw)
			signed, err := wsse.SignBody(t.Context(), []byte(unsigned), signer, wsse.SignOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if out, err := java.run(t, "verify", file("ours.xml", signed), certificate); err != nil {
				t.Errorf("ours is refused: %s %v", out, err)
			}
			changed := bytes.Replace(signed, []byte("Сынақов"), []byte("Сынақоб"), 1)
			if out, err := java.run(t, "verify", file("changed.xml", changed), certificate); err == nil || !strings.Contains(out, "digest false signature true") {
				t.Errorf("a changed Body: %s %v", out, err)
			}
			scalar, err := key.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(scalar) // little-endian
			theirs, err := java.run(t, "sign", file("unsigned.xml", []byte(unsigned)), certificate, hex.EncodeToString(scalar))
			if err != nil {
				t.Fatal(err)
			}
			policy := wsse.Policy{Clock: pkitest.Now}
			if v, err := wsse.VerifyBody(t.Context(), []byte(theirs), ca.Store(), policy); err != nil || v.Suite.Name != signer.Suite().Name {
				t.Errorf("theirs is refused: %v\n%s", err, theirs)
			}
			if _, err := wsse.VerifyBody(t.Context(), []byte(strings.Replace(theirs, "Сынақов", "Сынақоб", 1)), ca.Store(), policy); err == nil {
				t.Error("theirs, changed, is accepted")
			}
		})
	}
}
