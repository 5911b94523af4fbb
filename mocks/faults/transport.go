package faults

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// dripPause lies between two bytes of a slow answer.
const dripPause = time.Second

// bombBytes is what the compressed bomb unpacks to.
const bombBytes = 256 << 20

// absurd is the Retry-After of a peer that does not mean well: a year.
const absurd = 365 * 24 * 60 * 60

func transportFaults() []Fault {
	return []Fault{
		onWire("transport-refuse", "the connection is refused; on a socket it is made and reset, for nobody knows yet which call it is",
			func([]byte) []shep.Step { return []shep.Step{{End: shep.Refuse}} }),
		onWire("transport-reset", "the connection is reset before any byte of an answer",
			func([]byte) []shep.Step { return []shep.Step{{End: shep.Reset}} }),
		onWire("transport-reset-in-headers", "the connection is reset behind the status line, in front of the headers",
			func(raw []byte) []shep.Step {
				return []shep.Step{{Write: raw[:bytes.IndexByte(raw, '\n')+1]}, {End: shep.Reset}}
			}),
		onWire("transport-reset-in-body", "the connection is reset in the middle of the body",
			func(raw []byte) []shep.Step { return []shep.Step{{Write: raw[:bodyMiddle(raw)]}, {End: shep.Reset}} }),
		onWire("transport-half-close", "the answer ends in the middle of the body, and the other direction stays open",
			func(raw []byte) []shep.Step {
				return []shep.Step{{Write: raw[:bodyMiddle(raw)]}, {End: shep.HalfClose}}
			}),
		onWire("transport-garbage-status", "the status line is no HTTP",
			func([]byte) []shep.Step {
				return []shep.Step{{Write: []byte("GARBAGE \x00\x01 200 OK\r\n\r\n")}, {End: shep.Close}}
			}),
		onWire("transport-truncated", "the body is one byte shorter than Content-Length says",
			func(raw []byte) []shep.Step { return []shep.Step{{Write: raw[:len(raw)-1]}, {End: shep.Close}} }),
		onWire("transport-bad-chunk", "the second chunk of the body has no size",
			func(raw []byte) []shep.Step { return []shep.Step{{Write: badChunk(raw)}, {End: shep.Close}} }),
		onResponse("transport-slow-headers", "the headers come at one byte a second",
			func(r *shep.Response) { r.Wire = func(raw []byte) iter.Seq[shep.Step] { return drip(raw, 0) } }),
		onResponse("transport-slow-drip", "the headers come at once, the body at one byte a second",
			func(r *shep.Response) {
				r.Wire = func(raw []byte) iter.Seq[shep.Step] { return drip(raw, headLength(raw)) }
			}),
		onResponse("transport-hang", "no byte ever comes", func(r *shep.Response) { r.Hang = true }),
		onResponse("transport-429", "HTTP 429 with Retry-After of one second", retryAfter(http.StatusTooManyRequests, 1)),
		onResponse("transport-429-absurd", "HTTP 429 with Retry-After of one year", retryAfter(http.StatusTooManyRequests, absurd)),
		onResponse("transport-503", "HTTP 503 with Retry-After of one second", retryAfter(http.StatusServiceUnavailable, 1)),
		onResponse("transport-503-absurd", "HTTP 503 with Retry-After of one year", retryAfter(http.StatusServiceUnavailable, absurd)),
		onResponse("transport-redirect", "HTTP 307 to a canary that counts its visitors", func(r *shep.Response) {
			replaceBody(r, http.StatusTemporaryRedirect, "text/plain", "")
			r.Header.Set("Location", r.Canary)
		}),
		onResponse("transport-gzip-bomb", "an answer in gzip, asked for or not, that unpacks to 256 MiB", func(r *shep.Response) {
			r.Body = bomb()
			r.Header.Set("Content-Encoding", "gzip")
		}),
	}
}

func onWire(id, doc string, steps func(raw []byte) []shep.Step) Fault {
	return onResponse(id, doc, func(r *shep.Response) {
		r.Wire = func(raw []byte) iter.Seq[shep.Step] {
			return func(yield func(shep.Step) bool) {
				for _, s := range steps(raw) {
					if !yield(s) {
						return
					}
				}
			}
		}
	})
}

// headLength is the length of status line and headers.
func headLength(raw []byte) int { return bytes.Index(raw, []byte("\r\n\r\n")) + 4 }

func bodyMiddle(raw []byte) int { return (headLength(raw) + len(raw)) / 2 }

// drip sends everything up to quick at once and the rest byte by byte.
func drip(raw []byte, quick int) iter.Seq[shep.Step] {
	return func(yield func(shep.Step) bool) {
		if quick > 0 && !yield(shep.Step{Write: raw[:quick]}) {
			return
		}
		for i := quick; i < len(raw); i++ {
			if !yield(shep.Step{Wait: dripPause, Write: raw[i : i+1]}) {
				return
			}
		}
	}
}

// badChunk sends half of the body as a good chunk (RFC 9112 section 7.1), then
// one whose size is no number.
func badChunk(raw []byte) []byte {
	body := raw[headLength(raw):]
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/xml;charset=UTF-8\r\nTransfer-Encoding: chunked\r\nX-Kopir-Mock: 1\r\n\r\n")
	half := body[:len(body)/2]
	fmt.Fprintf(&b, "%x\r\n%s\r\nno size\r\n", len(half), half)
	return b.Bytes()
}

func retryAfter(status, seconds int) func(*shep.Response) {
	return func(r *shep.Response) {
		replaceBody(r, status, "text/plain", "not now\n")
		r.Header.Set("Retry-After", strconv.Itoa(seconds))
	}
}

// bomb is spaces in gzip. One member is made and repeated: gzip may consist of
// several (RFC 1952 section 2.2).
func bomb() []byte {
	const member = 1 << 20
	var one bytes.Buffer
	w, _ := gzip.NewWriterLevel(&one, gzip.BestCompression) // the level exists
	_, _ = w.Write(bytes.Repeat([]byte(" "), member))       // a Buffer does not fail
	_ = w.Close()
	return bytes.Repeat(one.Bytes(), bombBytes/member)
}
