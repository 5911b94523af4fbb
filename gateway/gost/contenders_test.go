//go:build linux

package gost_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The processor time of an operation after which a contender is at full speed:
// its tables are made and in the caches; a virtual machine has compiled what it
// can.
const (
	settled  = 5 * turn
	compiled = 3 * time.Second
)

// A contender does an operation so many times and returns the processor time of
// all of them together and the result of the last one.
type contender struct {
	name string
	warm time.Duration
	do   func(operation string, times int) (time.Duration, []byte, error)
}

// kopir is ours, and for RSA crypto/rsa.
func kopir(s *samples) contender {
	return contender{"kopir", settled, func(operation string, times int) (time.Duration, []byte, error) {
		once, start := s.ours[operation], processor()
		var result []byte
		for range times {
			var err error
			if result, err = once(); err != nil {
				return 0, nil, err
			}
		}
		return processor() - start, result, nil
	}}
}

// processor is the processor time of this process so far, its garbage collection
// included.
func processor() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err) // Linux has had this clock since 2.6.12
	}
	return time.Duration(t.Nano())
}

// A peer is a contender that may be absent: the error says why.
type peer struct {
	name  string
	start func(testing.TB, *samples) (contender, error)
}

func peers() []peer { return []peer{{"openssl", openSSL}, {"java", java}} }

// openSSL is testdata/peers/peers.c.
func openSSL(t testing.TB, s *samples) (contender, error) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		return contender{}, errors.New("gcc is not installed")
	}
	if err := exec.Command("openssl", "engine", "gost").Run(); err != nil {
		return contender{}, errors.New("OpenSSL's GOST engine (libengine-gost-openssl) is not installed")
	}
	if err := exec.Command("gcc", "-E", "-include", "openssl/engine.h", "-x", "c", "-o", os.DevNull, os.DevNull).Run(); err != nil {
		return contender{}, errors.New("the headers of OpenSSL (libssl-dev) are not installed")
	}
	program := filepath.Join(t.TempDir(), "peers")
	build(t, "gcc", "-O2", "-o", program, "testdata/peers/peers.c", "-lcrypto")
	return process(t, "openssl", settled, program, s.dir), nil
}

// java is testdata/peers/Peers.java.
func java(t testing.TB, s *samples) (contender, error) {
	t.Helper()
	const provider = "/usr/share/java/bcprov.jar"
	if _, err := exec.LookPath("javac"); err != nil {
		return contender{}, errors.New("javac is not installed")
	}
	if _, err := os.Stat(provider); err != nil {
		return contender{}, errors.New("Bouncy Castle (libbcprov-java) is not installed")
	}
	classes := t.TempDir()
	build(t, "javac", "-cp", provider, "-d", classes, "testdata/peers/Peers.java")
	// -Xbatch waits for the compiler: on a busy machine it would come too late.
	return process(t, "java", compiled, "java", "-Xbatch", "-cp", classes+":"+provider, "Peers", s.dir), nil
}

func build(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// process is a program that reads operations and answers with times and results,
// until its input ends.
func process(t testing.TB, name string, warm time.Duration, program string, args ...string) contender {
	t.Helper()
	cmd := exec.Command(program, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v: %s", name, err, complaints.String())
		}
	})
	answers := bufio.NewReader(out)
	return contender{name, warm, func(operation string, times int) (time.Duration, []byte, error) {
		if _, err := fmt.Fprintf(in, "%s %d\n", operation, times); err != nil {
			return 0, nil, err
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			return 0, nil, err
		}
		took, result, _ := strings.Cut(strings.TrimSuffix(answer, "\n"), " ")
		nanoseconds, err := strconv.ParseInt(took, 10, 64)
		if err != nil {
			return 0, nil, err
		}
		b, err := hex.DecodeString(result)
		return time.Duration(nanoseconds), b, err
	}}
}
