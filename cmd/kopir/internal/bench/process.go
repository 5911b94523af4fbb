package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a child that says on one of its streams when it is ready. It ends
// with the context it was started under.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when its stream has ended
}

// patience bounds the start of a child: the mock world makes RSA keys.
const patience = time.Minute

// start runs a child. Every line of its stream goes to line until that returns
// true; after that to later.
func start(ctx context.Context, cmd *exec.Cmd, stream io.Reader, line func(string) bool, later func([]byte)) (*process, error) {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	ready := make(chan struct{})
	var last string // what it said before it was ready
	go func() {
		defer close(p.done)
		waiting := true
		for s := bufio.NewScanner(stream); s.Scan(); {
			if !waiting {
				later(s.Bytes())
				continue
			}
			if last = s.Text(); line(last) {
				waiting = false
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
		return p, nil
	case <-p.done:
		return nil, errors.Join(fmt.Errorf("%s ended before it was ready: %s", cmd.Args[1], last), cmd.Wait())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.wait())
	case <-time.After(patience):
		return nil, errors.Join(fmt.Errorf("%s was not ready within %s", cmd.Args[1], patience), cmd.Process.Kill(), p.wait())
	}
}

// wait is called when the child has been told to end. How it says that it was
// told so is of no interest.
func (p *process) wait() error {
	<-p.done
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// startWorld starts the mock world; when it is ready, so are the settings of
// the gateway.
func startWorld(ctx context.Context, o *Options) (*process, error) {
	cmd := o.Command(ctx, "mocks", "--listen=127.0.0.1:0", "--gateway-listen=127.0.0.1:0", "--dir="+o.Dir, "--suite="+o.Suite, "--pad="+strconv.Itoa(o.AnswerBytes))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return start(ctx, cmd, out, func(line string) bool { return strings.HasPrefix(line, "settings") }, func([]byte) {})
}

// gateway is the process that is measured.
type gateway struct {
	*process
	base string // URL
	log  *log
}

// startGateway also tells how long it took until /livez answered.
func startGateway(ctx context.Context, o *Options) (*gateway, time.Duration, error) {
	g := &gateway{log: &log{}}
	cmd := o.Command(ctx, "serve", "--config="+o.settings())
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	g.process, err = start(ctx, cmd, stderr, func(line string) bool {
		var l struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &l) != nil || l.Msg != "listening" {
			return false
		}
		g.base = "http://" + l.Address
		return true
	}, g.log.line)
	if err != nil {
		return nil, 0, err
	}
	if err := alive(ctx, g.base+"/livez"); err != nil {
		return nil, 0, errors.Join(err, g.cmd.Process.Kill(), g.wait())
	}
	return g, time.Since(began), nil
}

func alive(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("/livez answers %d", resp.StatusCode)
	}
	return errors.Join(err, resp.Body.Close())
}

// log reads the gateway's log.
type log struct {
	mu    sync.Mutex
	on    bool
	added []time.Duration
}

// record switches recording and returns what was recorded so far.
func (l *log) record(on bool) []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	added := l.added
	l.on, l.added = on, nil
	return added
}

// line takes one line of the log: of an exchange the time it took less the time
// on the network.
func (l *log) line(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.on || !bytes.Contains(b, []byte(`"msg":"exchange"`)) {
		return
	}
	var e struct{ Took, Network time.Duration }
	if json.Unmarshal(b, &e) == nil && e.Took > 0 {
		l.added = append(l.added, e.Took-e.Network)
	}
}
