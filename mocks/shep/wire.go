package shep

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// Breaker is a connection inside the process whose peer can be told how it
// ended. A socket cannot choose the error of its peer; a pipe must, because it
// knows no RST.
type Breaker interface {
	net.Conn
	// Break closes the connection; the peer's reads and writes fail with err.
	Break(err error)
}

// write puts an answer on the wire.
func (s *Server) write(w http.ResponseWriter, r *http.Request, a *Response) {
	switch {
	case a.Hang:
		<-r.Context().Done()
		s.take(w, func(conn net.Conn) { _ = conn.Close() }) // nobody is there to be told
	case a.Wire != nil:
		s.take(w, func(conn net.Conn) { play(r.Context(), conn, a) })
	default:
		header := w.Header()
		for k, v := range a.Header {
			header[k] = v
		}
		header.Set("Content-Length", strconv.Itoa(len(a.Body)))
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body) // the caller may have gone
	}
}

// take takes the connection over from net/http for as long as do runs.
func (s *Server) take(w http.ResponseWriter, do func(net.Conn)) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or a recorder of a test
		http.Error(w, "mock: this answer needs a connection of HTTP/1.1", http.StatusNotImplemented)
		return
	}
	s.mu.Lock()
	s.raw[conn] = struct{}{}
	s.mu.Unlock()
	do(conn)
	_ = conn.Close() // often closed already
	s.mu.Lock()
	delete(s.raw, conn)
	s.mu.Unlock()
}

// play carries out the steps of a wire fault.
func play(ctx context.Context, conn net.Conn, a *Response) {
	for step := range a.Wire(a.raw()) {
		if !wait(ctx, step.Wait) {
			return
		}
		if len(step.Write) > 0 {
			if _, err := conn.Write(step.Write); err != nil {
				return
			}
		}
		if step.End != GoOn {
			end(conn, step.End)
			return
		}
	}
}

func end(conn net.Conn, how End) {
	pipe, inProcess := conn.(Breaker)
	tcp, onSocket := conn.(*net.TCPConn)
	switch {
	case how == HalfClose && onSocket:
		_ = tcp.CloseWrite()             // the caller may have gone
		_, _ = io.Copy(io.Discard, conn) // until it closes its side
	case how == Reset && inProcess:
		pipe.Break(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET})
	case how == Refuse && inProcess:
		pipe.Break(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})
	case (how == Reset || how == Refuse) && onSocket:
		_ = tcp.SetLinger(0) // Close then sends RST
	}
	_ = conn.Close()
}

// raw is the answer as HTTP/1.1 text (RFC 9112).
func (a *Response) raw() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	h := a.Header.Clone()
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	h.Set("Connection", "close")
	_ = h.Write(&b) // a Buffer does not fail
	b.WriteString("\r\n")
	b.Write(a.Body)
	return b.Bytes()
}
