// Package program signs with keys that another program holds: a PKCS#11 token
// (cmd/kopir-pkcs11), a smart card, a certified library that may not be linked
// into Kopir.
//
// The program is started once and speaks JSON over its standard streams, one
// object on a line:
//
//	program  {"certificate":"<base64 DER>"}                     once, when it is ready
//	kopir    {"id":7,"digest":"<base64>","hash":"SHA-256"}      hash is "" for the national algorithms
//	program  {"id":7,"signature":"<base64>"}                    or
//	program  {"id":7,"error":"what is wrong"}
//
// Signatures have the form that crypto.Signer gives: PKCS #1 v1.5 for RSA, ASN.1
// for ECDSA, r and s side by side, each little-endian, for the national
// algorithms. Answers may come in any order. What the program writes to its
// standard error goes where the caller wants it, and must hold no secret. When
// its standard input ends it must end too.
//
// Every signature is checked with the certificate's key before it is used, so
// that a program that signs with another key is found out here and not by the
// receiver.
package program

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// What can go wrong beside the program's own refusal.
var (
	ErrNotStarted = errors.New("the signing program does not start")
	ErrEnded      = errors.New("the signing program has ended")
	ErrSlow       = errors.New("the signing program does not answer in time")
	ErrProtocol   = errors.New("the signing program does not speak the protocol")
	ErrOtherKey   = errors.New("the signing program signs with another key than the certificate's")
	ErrRefused    = errors.New("the signing program refuses")
	ErrClosed     = errors.New("the signing program was closed")
)

// Options of a signing program.
type Options struct {
	Command []string      // program and arguments; secrets belong into files that they name
	Timeout time.Duration // for the start, and for each signature; 0 means 10 seconds
	Stderr  io.Writer     // where its standard error goes; nil drops it
}

const defaultTimeout = 10 * time.Second

// maxLine bounds what the program may write on one line.
const maxLine = 64 << 10

// maxReason bounds what is repeated of its reason for refusing.
const maxReason = 200

// Key is a key that the program holds. It is a crypto.Signer, safe for
// concurrent use. A program that has ended is started again by the next call.
type Key struct {
	o           Options
	certificate *x509.Certificate

	mu       sync.Mutex
	running  *process
	starting *attempt // nil: none is under way
	closed   bool
}

// attempt is a start that all who need the program wait for together: one after
// the other they would each wait for as long as it takes to fail.
type attempt struct {
	done chan struct{}
	p    *process
	err  error
}

// Start starts the program and takes its certificate.
func Start(o Options) (*Key, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	k := &Key{o: o}
	p, err := k.start()
	if err != nil {
		return nil, err
	}
	k.running, k.certificate = p, p.certificate
	return k, nil
}

// Certificate is the certificate of the key.
func (k *Key) Certificate() *x509.Certificate { return k.certificate }

// Public is the certificate's key.
func (k *Key) Public() crypto.PublicKey { return k.certificate.PublicKey }

// Close ends the program.
func (k *Key) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.running != nil {
		k.running.end(ErrClosed)
	}
	return nil
}

// Sign has the program sign a digest. The error wraps one of this package's.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, pss := opts.(*rsa.PSSOptions); pss {
		// The protocol cannot say so, and what comes back would be PKCS #1 v1.5.
		return nil, fmt.Errorf("%w: RSA-PSS is none of its signatures", ErrRefused)
	}
	p, err := k.process()
	if err != nil {
		return nil, err
	}
	q := question{Digest: digest}
	if h := opts.HashFunc(); h != 0 {
		q.Hash = h.String()
	}
	value, err := p.ask(q, k.o.Timeout)
	if err != nil {
		return nil, err
	}
	if pki.CheckDigest(k.certificate.PublicKey, opts.HashFunc(), digest, value) != nil {
		return nil, ErrOtherKey
	}
	return value, nil
}

// process gives the running program, started anew if it has ended.
func (k *Key) process() (*process, error) {
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		return nil, ErrClosed
	}
	select {
	case <-k.running.done:
	default:
		defer k.mu.Unlock()
		return k.running, nil
	}
	a := k.starting
	if a == nil {
		a = &attempt{done: make(chan struct{})}
		k.starting = a
		go k.restart(a)
	}
	k.mu.Unlock()
	<-a.done
	return a.p, a.err
}

func (k *Key) restart(a *attempt) {
	p, err := k.start()
	if err == nil && !p.certificate.Equal(k.certificate) {
		err = ErrOtherKey
		p.end(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err != nil:
	case k.closed:
		err = ErrClosed
		p.end(err)
	default:
		a.p, k.running = p, p
	}
	a.err, k.starting = err, nil
	close(a.done)
}

type question struct {
	ID     uint64 `json:"id"`
	Digest []byte `json:"digest"`
	Hash   string `json:"hash"`
}

type answer struct {
	Certificate []byte `json:"certificate"`
	ID          uint64 `json:"id"`
	Signature   []byte `json:"signature"`
	Error       string `json:"error"`
}

// process is one run of the program.
type process struct {
	stdin       io.WriteCloser
	cancel      context.CancelFunc
	certificate *x509.Certificate
	done        chan struct{} // closed when the program can no longer answer

	writing sync.Mutex

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan answer
	why     error // once done
}

func (k *Key) start() (*process, error) {
	if len(k.o.Command) == 0 {
		return nil, fmt.Errorf("%w: there is no command", ErrNotStarted)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, k.o.Command[0], k.o.Command[1:]...) //nolint:gosec // the operator's own program
	cmd.Stderr, cmd.WaitDelay = k.o.Stderr, time.Second
	p := &process{cancel: cancel, done: make(chan struct{}), waiting: map[uint64]chan answer{}}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	p.stdin = stdin
	first := make(chan answer, 1)
	p.waiting[0] = first // what it says before it was asked
	go func() {
		p.end(p.read(stdout))
		_ = cmd.Wait() // why it ended is in p.why; it is reaped here
	}()
	a, err := p.wait(first, 0, k.o.Timeout)
	if err == nil {
		if p.certificate, err = pki.ParseCertificate(a.Certificate); err != nil {
			err = fmt.Errorf("%w: its first line holds no certificate", ErrProtocol)
		}
	}
	if err != nil {
		p.end(err)
		return nil, err
	}
	return p, nil
}

// read hands out answers until the program stops writing.
func (p *process) read(r io.Reader) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4<<10), maxLine)
	for s.Scan() {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var a answer
		if err := json.Unmarshal(s.Bytes(), &a); err != nil {
			return ErrProtocol
		}
		p.mu.Lock()
		to, ok := p.waiting[a.ID]
		delete(p.waiting, a.ID)
		p.mu.Unlock()
		if ok {
			to <- a // has room for one
		}
	}
	if s.Err() != nil {
		return ErrProtocol
	}
	return ErrEnded
}

// end stops the program, for the first reason that is given.
func (p *process) end(why error) {
	p.mu.Lock()
	first := p.why == nil
	if first {
		p.why = why
	}
	p.mu.Unlock()
	if first {
		_ = p.stdin.Close() // asks it to end
		p.cancel()
		close(p.done)
	}
}

func (p *process) ask(q question, timeout time.Duration) ([]byte, error) {
	to := make(chan answer, 1)
	p.mu.Lock()
	p.last++
	q.ID = p.last
	p.waiting[q.ID] = to
	p.mu.Unlock()
	line, err := json.Marshal(q)
	if err == nil {
		err = p.write(append(line, '\n'))
	}
	if err != nil {
		p.end(ErrEnded)
		return nil, p.ended()
	}
	a, err := p.wait(to, q.ID, timeout)
	switch {
	case err != nil:
		return nil, err
	case a.Error != "":
		return nil, fmt.Errorf("%w: %q", ErrRefused, a.Error[:min(len(a.Error), maxReason)])
	}
	return a.Signature, nil
}

// write writes one line. A program that does not read blocks it until one of
// those who wait runs out of time and ends the program.
func (p *process) write(line []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.stdin.Write(line)
	return err
}

// wait waits for one answer. A program that is too slow is ended: its state is
// unknown.
func (p *process) wait(to chan answer, id uint64, timeout time.Duration) (answer, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case a := <-to:
		return a, nil
	case <-timer.C:
		p.end(ErrSlow)
	case <-p.done:
	}
	p.mu.Lock()
	delete(p.waiting, id)
	p.mu.Unlock()
	select {
	case a := <-to: // it came at the last moment
		return a, nil
	default:
		return answer{}, p.ended()
	}
}

func (p *process) ended() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.why
}
