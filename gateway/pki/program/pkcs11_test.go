package program_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/program"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

const softHSM = "/usr/lib/softhsm/libsofthsm2.so"

// TestPKCS11 signs an envelope with keys that a software token holds, through
// cmd/kopir-pkcs11.
func TestPKCS11(t *testing.T) {
	program11 := os.Getenv("KOPIR_PKCS11")
	if program11 == "" {
		t.Skip("KOPIR_PKCS11 does not name the program built from cmd/kopir-pkcs11")
	}
	if _, err := os.Stat(softHSM); err != nil {
		t.Skip("SoftHSM is not installed")
	}
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", write("softhsm2.conf", []byte("directories.tokendir = "+filepath.Join(dir, "tokens")+"\nobjectstore.backend = file\n")))
	util := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("softhsm2-util", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	util("--init-token", "--free", "--label", "kopir", "--pin", "1234", "--so-pin", "5678")
	pin, wrongPIN := write("pin", []byte("1234\n")), write("wrong", []byte("4321\n"))
	ca := pkitest.NewAuthority(t, "Test CA")
	command := func(key, pin, cert string) []string {
		return []string{program11, "-module", softHSM, "-token", "kopir", "-key", key, "-pin-file", pin, "-certificate", cert}
	}
	for i, key := range []crypto.Signer{pkitest.RSAKey(t, 2048), pkitest.ECKey(t)} {
		name := []string{"rsa", "ecdsa"}[i]
		pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		file := write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
		util("--import", file, "--token", "kopir", "--label", name, "--id", "0"+string(rune('1'+i)), "--pin", "1234")
		cert := ca.Issue(t, "Token", key.Public())
		certFile := write(name+".der", cert.Raw)
		t.Run(name, func(t *testing.T) {
			k, err := program.Start(program.Options{Command: command(name, pin, certFile), Stderr: os.Stderr})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = k.Close() }()
			signer, err := xmldsig.NewSigner(k, k.Certificate().Raw)
			if err != nil {
				t.Fatal(err)
			}
			const env = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><a/></soap:Body></soap:Envelope>`
			signed, err := wsse.SignBody(t.Context(), []byte(env), signer, wsse.SignOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := wsse.VerifyBody(t.Context(), signed, ca.Store(), wsse.Policy{Clock: pkitest.Now}); err != nil {
				t.Error(err)
			}
		})
		t.Run(name+", another certificate", func(t *testing.T) {
			other := write("other.der", ca.Issue(t, "Other", pkitest.ECKey(t).Public()).Raw)
			k, err := program.Start(program.Options{Command: command(name, pin, other)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = k.Close() }()
			digest := sha256.Sum256(nil)
			if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, program.ErrOtherKey) {
				t.Errorf("want %v, got %v", program.ErrOtherKey, err)
			}
		})
	}
	readable := filepath.Join(dir, "readable")
	if err := os.WriteFile(readable, []byte("1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"wrong PIN":              command("rsa", wrongPIN, ""),
		"PIN that others read":   command("rsa", readable, ""),
		"no such key":            command("absent", pin, ""),
		"certificate not stored": command("rsa", pin, ""),
		"no such library":        {program11, "-module", "/nonexistent.so", "-token", "kopir", "-key", "rsa", "-pin-file", pin},
	} {
		if k, err := program.Start(program.Options{Command: args}); !errors.Is(err, program.ErrEnded) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				_ = k.Close()
			}
		}
	}
}
