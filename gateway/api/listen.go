package api

import (
	"log/slog"
	"net/http"
	"time"
)

// Server makes an HTTP server for the handler of New whose limits no slow or
// greedy peer can outlast (T36): 5 s for the head of a request, 15 s for all of
// it, 2 min for an idle connection, 16 KiB of headers.
//
// answerWithin is how long the slowest answer may take, from the end of the
// request's head; give it more than the longest time-out of a service profile,
// or callers see a cut connection instead of a problem document.
func Server(addr string, h http.Handler, answerWithin time.Duration, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.Default()
	}
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      answerWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
