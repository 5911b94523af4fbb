package api

import (
	"log/slog"
	"net/http"
	"time"
)

// ServerLimits bound what one peer can cost; a zero field takes its default.
type ServerLimits struct {
	Header      time.Duration // for the head of a request, 5 s
	Request     time.Duration // for all of a request, 15 s
	Idle        time.Duration // of a connection without a request, 2 min
	HeaderBytes int           // length of the head, 16 KiB
	// Answer is for the slowest answer, from the end of the request's head, 1
	// min. Give it more than the longest time-out of a service profile, or
	// callers see a cut connection instead of a problem document.
	Answer time.Duration
}

// Server makes an HTTP server for the handler of New whose limits no slow or
// greedy peer can outlast (T36).
func Server(h http.Handler, l ServerLimits, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.Default()
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = 16 << 10
	}
	for _, f := range []struct {
		v *time.Duration
		d time.Duration
	}{{&l.Header, 5 * time.Second}, {&l.Request, 15 * time.Second}, {&l.Idle, 2 * time.Minute}, {&l.Answer, time.Minute}} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: l.Header,
		ReadTimeout:       l.Request,
		WriteTimeout:      l.Answer,
		IdleTimeout:       l.Idle,
		MaxHeaderBytes:    l.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
