package program_test

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/program"
)

// TestMain is also the signing program: a real process that the tests start.
func TestMain(m *testing.M) {
	if habit := os.Getenv("KOPIR_TEST_PROGRAM"); habit != "" {
		signing(habit)
		return
	}
	os.Exit(m.Run())
}

// signing is the other side of the protocol. Its habit is what is wrong with it.
func signing(habit string) {
	der, _ := os.ReadFile(os.Args[1])
	pkcs8, _ := os.ReadFile(os.Args[2])
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	key := parsed.(crypto.Signer)
	out := json.NewEncoder(os.Stdout)
	say := func(v map[string]any) { _ = out.Encode(v) }
	if habit == "once" { // and mute from then on
		if left, _ := os.ReadFile(os.Args[1] + ".starts"); len(left) > 0 {
			habit = "mute"
		}
		f, _ := os.OpenFile(os.Args[1]+".starts", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		_, _ = f.Write([]byte{'.'})
	}
	switch habit {
	case "mute":
		_, _ = bufio.NewReader(os.Stdin).ReadString(0)
		return
	case "garbage":
		fmt.Println("ready to sign")
		return
	case "no certificate":
		say(map[string]any{"certificate": []byte("certificate")})
		return
	}
	say(map[string]any{"certificate": der})
	in := bufio.NewScanner(os.Stdin)
	var held []map[string]any
	for in.Scan() {
		var q struct {
			ID     uint64
			Digest []byte
			Hash   string
		}
		if json.Unmarshal(in.Bytes(), &q) != nil || q.Hash != "SHA-256" {
			os.Exit(1)
		}
		value, err := key.Sign(rand.Reader, q.Digest, crypto.SHA256)
		a := map[string]any{"id": q.ID, "signature": value}
		switch habit {
		case "refuses":
			a = map[string]any{"id": q.ID, "error": "no token in the slot"}
		case "ends", "once":
			os.Exit(1)
		case "hangs":
			continue
		case "in any order": // answers in pairs, the later first
			if held = append(held, a); len(held) == 2 {
				say(held[1])
				say(held[0])
				held = nil
			}
			continue
		}
		if err != nil {
			os.Exit(1)
		}
		say(a)
	}
}

// start starts this test program as the signing program.
func start(t *testing.T, habit string, key, certified crypto.Signer, timeout time.Duration) (*program.Key, error) {
	t.Helper()
	k, _, err := startIn(t, habit, key, certified, timeout)
	return k, err
}

// startIn is start, and tells the folder with its files.
func startIn(t *testing.T, habit string, key, certified crypto.Signer, timeout time.Duration) (*program.Key, string, error) {
	t.Helper()
	cert := pkitest.NewAuthority(t, "Test CA").Issue(t, "Token", certified.Public())
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"cert": cert.Raw, "key": pkcs8} {
		if err := os.WriteFile(dir+"/"+name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stderr strings.Builder
	k, err := program.Start(program.Options{
		Command: []string{"/usr/bin/env", "KOPIR_TEST_PROGRAM=" + habit, os.Args[0], dir + "/cert", dir + "/key"},
		Timeout: timeout, Stderr: &stderr,
	})
	if err == nil {
		t.Cleanup(func() { _ = k.Close() })
	}
	return k, dir, err
}

const patience = 20 * time.Second

func TestSigns(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"rsa": pkitest.RSAKey(t, 2048), "ecdsa": pkitest.ECKey(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := start(t, "good", key, key, patience)
			if err != nil {
				t.Fatal(err)
			}
			digest := sha256.Sum256([]byte("SignedInfo"))
			value, err := k.Sign(nil, digest[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			switch pub := k.Public().(type) {
			case *rsa.PublicKey:
				err = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], value)
			case *ecdsa.PublicKey:
				if !ecdsa.VerifyASN1(pub, digest[:], value) {
					err = errors.New("does not hold")
				}
			}
			if err != nil {
				t.Error(err)
			}
			if value, err := k.Sign(nil, digest[:], &rsa.PSSOptions{Hash: crypto.SHA256}); !errors.Is(err, program.ErrRefused) {
				t.Errorf("asked for RSA-PSS: %d bytes, %v", len(value), err)
			}
		})
	}
}

func TestAnswersInAnyOrder(t *testing.T) {
	t.Parallel()
	key := pkitest.ECKey(t)
	k, err := start(t, "in any order", key, key, patience)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			digest := sha256.Sum256([]byte{byte(i)})
			// An answer to another question would not fit the digest.
			if _, err := k.Sign(nil, digest[:], crypto.SHA256); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	key, other := pkitest.ECKey(t), pkitest.ECKey(t)
	short := 300 * time.Millisecond
	for _, tt := range []struct {
		habit      string
		certified  crypto.Signer
		timeout    time.Duration
		atStart    error
		whenSigned error
	}{
		{"mute", key, short, program.ErrSlow, nil},
		{"garbage", key, patience, program.ErrProtocol, nil},
		{"no certificate", key, patience, program.ErrProtocol, nil},
		{"refuses", key, patience, nil, program.ErrRefused},
		{"ends", key, patience, nil, program.ErrEnded},
		{"hangs", key, 3 * time.Second, nil, program.ErrSlow},
		{"good", other, patience, nil, program.ErrOtherKey},
	} {
		t.Run(tt.habit, func(t *testing.T) {
			t.Parallel()
			k, err := start(t, tt.habit, key, tt.certified, tt.timeout)
			if !errors.Is(err, tt.atStart) {
				t.Fatalf("at the start: want %v, got %v", tt.atStart, err)
			}
			if err != nil {
				return
			}
			digest := sha256.Sum256(nil)
			if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, tt.whenSigned) {
				t.Errorf("want %v, got %v", tt.whenSigned, err)
			}
		})
	}
	if _, err := program.Start(program.Options{Command: []string{"/nonexistent/signer"}}); !errors.Is(err, program.ErrNotStarted) {
		t.Errorf("a program that is not there: %v", err)
	}
	if _, err := program.Start(program.Options{}); !errors.Is(err, program.ErrNotStarted) {
		t.Errorf("no program: %v", err)
	}
}

func TestStartedAgain(t *testing.T) {
	t.Parallel()
	key := pkitest.ECKey(t)
	k, err := start(t, "ends", key, key, patience)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	for range 3 { // each time a new process answers, and ends
		if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, program.ErrEnded) {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, program.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestStartedForAll: those who wait for a program that does not come up wait
// together, not one after the other.
func TestStartedForAll(t *testing.T) {
	t.Parallel()
	key := pkitest.ECKey(t)
	k, dir, err := startIn(t, "once", key, key, 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, program.ErrEnded) {
		t.Fatal(err)
	}
	const callers = 6
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := k.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, program.ErrSlow) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	starts, err := os.ReadFile(dir + "/cert.starts")
	if err != nil || len(starts) < 2 || len(starts) > callers {
		t.Errorf("started %d times for %d callers, %v", len(starts)-1, callers, err)
	}
}
