package main

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/net/netutil"

	"github.com/kopir-kz/kopir/adapters"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/ncanode"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/program"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/store"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// gateway is the parts of a running gateway that commands need to reach.
type gateway struct {
	cfg     *config.Config
	log     *slog.Logger
	store   *store.DB
	journal *journal.Journal
	clients []*transport.Client
	program *program.Key // that signs, if one does
	handler http.Handler

	revocation *http.Transport // nil if nobody is asked
}

// assemble builds a gateway from its settings. The caller closes it.
func assemble(ctx context.Context, cfg *config.Config, log *slog.Logger) (*gateway, error) {
	if err := cfg.CheckFiles(); err != nil {
		return nil, err
	}
	g := &gateway{cfg: cfg, log: log}
	subject, err := g.openJournal(ctx)
	if err != nil {
		return nil, err
	}
	signer, err := g.loadSigner()
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	var keys *pki.Store
	keys, g.revocation, err = loadTrust(cfg, log)
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	observer := exchange.NewMetrics(metrics)
	services, err := g.loadServices(observer)
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	x, err := exchange.New(exchange.Options{
		Services: services, Journal: g.journal, Subject: subject.Ref, Signer: signer, Keys: keys,
		Mode: cfg.IdentMode(), Log: log, Observer: observer,
	})
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.handler, err = g.api(x, metrics)
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *gateway) openJournal(ctx context.Context) (key journal.SubjectKey, err error) {
	text, err := config.ReadSecret(g.cfg.Journal.SubjectKeyFile)
	if err != nil {
		return key, err
	}
	if key, err = journal.NewSubjectKey([]byte(text.Reveal())); err != nil {
		return key, err
	}
	if g.store, err = store.Open(ctx, store.Options{Path: g.cfg.Journal.Path}); err != nil {
		return key, err
	}
	g.journal, err = journal.Open(ctx, journal.Options{Store: g.store, Key: key, Retention: g.cfg.Journal.Retention.Std()})
	return key, err
}

func (g *gateway) api(x *exchange.Exchange, metrics *prometheus.Registry) (http.Handler, error) {
	o := api.Options{
		Core: x, MaxBodyBytes: g.cfg.Limits.RequestBytes, BaseURL: g.cfg.PublicBaseURL,
		BatchTimeout: g.cfg.Limits.WriteTimeout.Std() * 9 / 10, // what is left is for writing
		Ready:        g.journal.Ready, Metrics: metrics, Log: g.log,
	}
	if g.cfg.ClientsPepperFile != "" {
		pepper, err := config.ReadSecret(g.cfg.ClientsPepperFile)
		if err != nil {
			return nil, err
		}
		o.Pepper = []byte(pepper.Reveal())
	}
	for _, c := range g.cfg.Clients {
		o.Clients = append(o.Clients, api.Client{ID: c.ID, KeyHashes: c.KeyHashes(), Operations: c.Operations})
	}
	return api.New(o)
}

// Close ends what assemble started.
func (g *gateway) Close() error {
	var errs []error
	for _, c := range g.clients {
		c.Close()
	}
	if g.revocation != nil {
		g.revocation.CloseIdleConnections()
	}
	if g.program != nil {
		errs = append(errs, g.program.Close())
	}
	if g.journal != nil {
		errs = append(errs, g.journal.Close())
	}
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	return errors.Join(errs...)
}

// loadSigner makes the signer that the settings name; nil if they name none,
// because no service signs. What it started, Close ends.
func (g *gateway) loadSigner() (exchange.Signer, error) {
	s := &g.cfg.Signing
	switch {
	case s.KeyFile != "":
		id, err := s.Identity()
		if err != nil {
			return nil, err
		}
		return keySigner(id.Key, id.Certificate)
	case len(s.Program) > 0:
		key, err := program.Start(program.Options{Command: s.Program, Timeout: s.Timeout.Std(), Stderr: os.Stderr})
		if err != nil {
			return nil, err
		}
		g.program = key
		if s.CertificateFile != "" {
			certs, err := pki.LoadCertificates(s.CertificateFile)
			if err != nil {
				return nil, err
			}
			if !certs[0].Equal(key.Certificate()) {
				return nil, errors.New("signing: the certificate of the program is not that of certificate_file")
			}
		}
		if err := g.cfg.CheckWorld(key.Certificate()); err != nil {
			return nil, fmt.Errorf("signing.program: %w", err)
		}
		return keySigner(key, key.Certificate())
	case s.Service.URL != "":
		certs, err := pki.LoadCertificates(s.CertificateFile)
		if err != nil {
			return nil, err
		}
		keystore, password, err := s.Service.Keystore()
		if err != nil {
			return nil, err
		}
		return ncanode.New(ncanode.Options{
			URL: s.Service.URL, Certificate: certs[0], Keystore: keystore.Reveal(), Password: password.Reveal(), Alias: s.Service.Alias, Timeout: s.Timeout.Std(),
		})
	}
	return nil, nil
}

func keySigner(key crypto.Signer, cert *x509.Certificate) (exchange.Signer, error) {
	signer, err := xmldsig.NewSigner(key, cert.Raw)
	if err != nil {
		return nil, err
	}
	return exchange.KeySigner(signer), nil
}

// loadTrust also gives the connections to those who know what is revoked, if there
// are any.
func loadTrust(cfg *config.Config, log *slog.Logger) (*pki.Store, *http.Transport, error) {
	var o pki.Options
	var err error
	if o.Roots, err = loadAll(cfg.Trust.Roots); err != nil {
		return nil, nil, err
	}
	if o.Intermediates, err = loadAll(cfg.Trust.Intermediates); err != nil {
		return nil, nil, err
	}
	if o.Known, err = loadAll(cfg.Trust.Known); err != nil {
		return nil, nil, err
	}
	switch cfg.Trust.Revocation {
	case "soft":
		o.Revocation = pki.RevocationSoft
	case "hard":
		o.Revocation = pki.RevocationHard
	}
	var network *http.Transport
	if o.Revoker, network, err = loadRevoker(cfg, slices.Concat(o.Roots, o.Intermediates), log); err != nil {
		return nil, nil, err
	}
	return pki.NewStore(o), network, nil
}

func loadAll(files []string) (out []*x509.Certificate, err error) {
	for _, f := range files {
		certs, err := pki.LoadCertificates(f)
		if err != nil {
			return nil, err
		}
		out = append(out, certs...)
	}
	return out, nil
}

// loadServices joins every profile with its adapter and its way out. The
// operations of one registry share its bulkhead.
func (g *gateway) loadServices(observer *exchange.Metrics) ([]exchange.Service, error) {
	cfg := g.cfg
	lists, err := contracts.Codes()
	if err != nil {
		return nil, err
	}
	table := adapters.New(observer.Watch(adapters.Codes(lists)))
	tlsConfig, err := outboundTLS(cfg)
	if err != nil {
		return nil, err
	}
	// The operations of a registry share the places that the most generous of
	// their profiles grants.
	places := map[string]int{}
	for _, p := range cfg.Services {
		places[p.Registry] = max(places[p.Registry], p.MaxConcurrent)
	}
	bulkheads := map[string]*transport.Bulkhead{}
	var out []exchange.Service
	for _, p := range cfg.Services {
		adapter := table[p.ID]
		if adapter == nil {
			return nil, fmt.Errorf("service %q: there is no adapter for this operation", p.ID)
		}
		if bulkheads[p.Registry] == nil {
			bulkheads[p.Registry] = transport.NewBulkhead(places[p.Registry])
		}
		o := exchange.TransportOptions(&p)
		o.TLS, o.AllowAddr, o.Bulkhead = tlsConfig, cfg.AllowAddr(), bulkheads[p.Registry]
		o.Observer.Breaker = func(name, from, to string) {
			g.log.Warn("breaker", "operation", name, "from", from, "to", to)
		}
		client, err := transport.New(o)
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", p.ID, err)
		}
		g.clients = append(g.clients, client)
		s := exchange.Service{Profile: p, Adapter: adapter, Sender: client}
		if s.Password, err = password(&p); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func password(p *shep.Profile) (string, error) {
	if p.SenderPasswordFile == "" {
		return "", nil
	}
	s, err := config.ReadSecret(p.SenderPasswordFile)
	return s.Reveal(), err
}

func outboundTLS(cfg *config.Config) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(cfg.Outbound.TLSRoots) > 0 {
		roots, err := loadAll(cfg.Outbound.TLSRoots)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		for _, r := range roots {
			c.RootCAs.AddCert(r)
		}
	}
	if cfg.Outbound.TLSCertificateFile != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Outbound.TLSCertificateFile, cfg.Outbound.TLSKeyFile)
		if err != nil {
			return nil, errors.New("outbound: certificate and key do not fit together")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// listen serves the API until ctx ends, then lets running requests finish.
// ready is called with the address once the port is open.
func (g *gateway) listen(ctx context.Context, ready func(addr string)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.cfg.Listen)
	if err != nil {
		return err
	}
	limits := g.cfg.Limits
	server := api.Server(g.handler, api.ServerLimits{
		Header: limits.HeaderTimeout.Std(), Request: limits.ReadTimeout.Std(), Answer: limits.WriteTimeout.Std(),
		Idle: limits.IdleTimeout.Std(), HeaderBytes: limits.HeaderBytes,
	}, g.log)
	done := make(chan error, 1)
	go func() { done <- server.Serve(netutil.LimitListener(l, limits.Connections)) }()
	ready(l.Addr().String())
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// The caller's context has ended; running requests get the longest time an
	// answer may take.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.WriteTimeout.Std())
	defer cancel()
	return server.Shutdown(last)
}

// newLog makes the log that the settings ask for.
func newLog(c config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

type serveCmd struct {
	Config string `help:"Settings." default:"/etc/kopir/kopir.yaml" placeholder:"FILE"`
}

// gcPercent lets garbage grow to four times what is in use, at least to 16 MB.
// A gateway holds on to some 2 MB, and an exchange leaves 100 to 300 KB behind:
// by Go's default the collector would run every dozen exchanges.
const gcPercent = 400

// collectSeldom gives the memory that starting up needed back to the system and
// sets gcPercent, unless the operator has set GOGC.
func collectSeldom() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	log := newLog(cfg.Log, s.err)
	for _, w := range cfg.Warnings() {
		log.Warn("settings", "warning", w.String())
	}
	g, err := assemble(ctx, cfg, log)
	if err != nil {
		return err
	}
	begun, told := time.Now(), make(chan struct{})
	looking, stop := context.WithCancel(ctx)
	go func() {
		defer close(told)
		g.tellUnfinished(looking, begun)
	}()
	collectSeldom()
	err = g.listen(ctx, func(addr string) { log.Info("listening", "address", addr, "mode", cfg.Mode, "pid", os.Getpid()) })
	stop()
	<-told
	return errors.Join(err, g.Close())
}

// tellUnfinished warns of exchanges that were cut off before this start. It
// reads the whole journal, so nobody waits for it.
func (g *gateway) tellUnfinished(ctx context.Context, begun time.Time) {
	open, err := g.journal.List(ctx, journal.Filter{To: begun, Unfinished: true})
	if err == nil && len(open) > 0 {
		g.log.Warn("exchanges without an outcome are on record; kopir journal --unfinished lists them", "count", len(open))
	}
}
