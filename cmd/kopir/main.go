// Command kopir is the gateway between service back ends and the state
// registries of Kazakhstan, its offline world of signed mock registries, and
// the tools that go with both.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailed  = 1 // something went wrong on the way
	exitUsage   = 2 // the command line is wrong
	exitRefused = 3 // what was looked at is refused
)

// exit is an error that asks for a certain exit status; an empty text means
// that all was said already.
type exit struct {
	status int
	text   string
}

func (e *exit) Error() string { return e.text }

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the command line.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"Show the main job, offline: gateway and signed mocks in one process."`
	Dev      devCmd      `cmd:"" help:"Serve a gateway over a mock world, for developers."`
	Serve    serveCmd    `cmd:"" help:"Serve the gateway."`
	Mocks    mocksCmd    `cmd:"" help:"Serve the mock world alone."`
	Config   configCmd   `cmd:"" help:"Look at settings."`
	Journal  journalCmd  `cmd:"" help:"List what is on record about exchanges."`
	APIKey   apiKeyCmd   `cmd:"" name:"api-key" help:"Make an API key for a client."`
	Bench    benchCmd    `cmd:"" help:"Measure a gateway against mocks, each in a process of its own."`
	Envelope envelopeCmd `cmd:"" help:"Sign, verify and canonicalize single messages."`
	Keys     keysCmd     `cmd:"" help:"Look at keys, certificates and keystores."`
	Cert     certCmd     `cmd:"" help:"Verify certificates."`
	CMS      cmsCmd      `cmd:"" name:"cms" help:"Verify signed documents."`
	CRL      crlCmd      `cmd:"" name:"crl" help:"Verify revocation lists."`
	OCSP     ocspCmd     `cmd:"" name:"ocsp" help:"Verify answers about the revocation of a certificate."`
	TSP      tspCmd      `cmd:"" name:"tsp" help:"Verify time-stamps."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run is the program without its process, for tests.
func run(ctx context.Context, args []string, s streams) int {
	// kong ends the process itself after --help; here it unwinds to this place.
	type finished int
	status := exitOK
	err := func() (err error) {
		defer func() {
			switch r := recover().(type) {
			case nil:
			case finished:
				status = int(r)
			default:
				panic(r)
			}
		}()
		parser, err := kong.New(&cli{},
			kong.Name("kopir"),
			kong.Description("The bridge between service back ends and the state registries."),
			kong.Writers(s.out, s.err),
			kong.Exit(func(code int) { panic(finished(code)) }),
			kong.BindTo(ctx, (*context.Context)(nil)),
			kong.Bind(s),
		)
		if err != nil {
			return err
		}
		k, err := parser.Parse(args)
		if err != nil {
			return &exit{exitUsage, err.Error() + "\nkopir --help lists the commands"}
		}
		return k.Run()
	}()
	if err == nil {
		return status
	}
	status = exitFailed
	var e *exit
	if errors.As(err, &e) {
		status = e.status
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(s.err, "kopir: %s\n", text)
	}
	return status
}
