package transport

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// BenchmarkDo is the cost of the package alone: the network is a function.
func BenchmarkDo(b *testing.B) {
	answer := bytes.Repeat([]byte("x"), 8<<10)
	c := client(b, func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, ContentLength: int64(len(answer)),
			Body: io.NopCloser(bytes.NewReader(answer)), Request: r,
		}, nil
	})
	r := round()
	r.Header = http.Header{"Content-Type": {"text/xml;charset=UTF-8"}, "Soapaction": {`""`}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Do(context.Background(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoopback compares a call over sockets with a bare http.Client doing
// the same, so that the difference is what deadline, bulkhead, breaker and
// retry loop cost.
func BenchmarkLoopback(b *testing.B) {
	answer := bytes.Repeat([]byte("x"), 8<<10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	defer srv.Close()
	b.Run("transport", func(b *testing.B) {
		c := overNetwork(b)
		r := round()
		r.URL = srv.URL
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(context.Background(), r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare http.Client", func(b *testing.B) {
		defer http.DefaultClient.CloseIdleConnections()
		b.ReportAllocs()
		for b.Loop() {
			resp, err := http.Post(srv.URL, "text/xml", bytes.NewReader([]byte("<request/>")))
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
	})
}
