package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// devKey is the API key of the mock world: it opens nothing else, and settings
// for anything else cannot hold it, because the hash is made with a pepper that
// is new at every start.
const devKey = "kopir_a29waXIgZGV2IGtleSBmb3IgdGhlIG1vY2sgd29ybGQ"

// stand is a mock world with settings for a gateway that asks it.
type stand struct {
	world *mocks.World
	cfg   *config.Config
	file  string // the settings, as a person would write them
}

// newStand starts a mock world that listens on a local port and writes into dir
// what a gateway needs to ask it: keys, trust, settings. The settings go through
// their file, so that what developers start from is what they would write.
func newStand(dir, listen, mockListen string, log config.Log, o mocks.Options) (*stand, error) {
	o.Listen = mockListen
	world, err := mocks.Start(o)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "kopir.yaml")
	if err := writeSettings(dir, file, listen, log, world); err != nil {
		return nil, errors.Join(err, world.Close())
	}
	cfg, err := config.Load(file)
	if err != nil {
		return nil, errors.Join(err, world.Close())
	}
	return &stand{world, cfg, file}, nil
}

func writeSettings(dir, file, listen string, log config.Log, world *mocks.World) error {
	files, err := world.PKI.WriteFiles(dir)
	if err != nil {
		return err
	}
	secret := func(name string) (string, []byte, error) {
		b := make([]byte, 32)
		if _, err := rand.Read(b); err != nil {
			return "", nil, err
		}
		text := []byte(hex.EncodeToString(b))
		return filepath.Join(dir, name), text, os.WriteFile(filepath.Join(dir, name), text, 0o600)
	}
	cfg := config.Default()
	cfg.Mode, cfg.Listen, cfg.Log = "mock", listen, log
	cfg.Journal.Path = filepath.Join(dir, "journal.db")
	if cfg.Journal.SubjectKeyFile, _, err = secret("subject.key"); err != nil {
		return err
	}
	var pepper []byte
	if cfg.ClientsPepperFile, pepper, err = secret("pepper.key"); err != nil {
		return err
	}
	hash, err := api.HashKey(devKey, pepper)
	if err != nil {
		return err
	}
	client := config.Client{ID: "dev", KeyHash: config.Secret(hash)}
	cfg.Signing = config.Signing{KeyFile: files.ClientKeystore, PasswordFile: files.KeystorePassword}
	if strings.HasPrefix(world.URL(), "https:") {
		cfg.Outbound.TLSRoots = files.TLSRoots
	}
	trust := &cfg.Trust
	trust.Revocation, trust.Roots, trust.Intermediates, trust.Known, trust.CRLs = "hard", files.Roots, files.Intermediates, files.Known, files.CRLs
	if cfg.Services, err = mockServices(world); err != nil {
		return err
	}
	for _, p := range cfg.Services {
		client.Operations = append(client.Operations, p.ID)
	}
	cfg.Clients = []config.Client{client}
	text, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	// A Secret never prints itself; here its file is being written.
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	doc["clients"] = []map[string]any{{"id": client.ID, "key_hash": hash, "operations": client.Operations}}
	if text, err = yaml.Marshal(doc); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// mockServices are the embedded profiles, pointed at a mock world and pinned to
// its signers.
func mockServices(world *mocks.World) ([]shep.Profile, error) {
	profiles, err := shep.Embedded()
	if err != nil {
		return nil, err
	}
	envelope, err := world.PKI.Identity(pki.Shep)
	if err != nil {
		return nil, err
	}
	for i := range profiles {
		p := &profiles[i]
		inner, err := world.PKI.Identity(pki.Owner(p.Registry))
		if err != nil {
			return nil, err
		}
		p.Endpoint, p.SenderID, p.SenderCode = world.Endpoint(), mocks.SenderID, world.Sender.BIN
		p.Answer.Inner = shep.Require
		p.Answer.Signer = "CN=" + envelope.Certificate.Subject.CommonName
		p.Answer.InnerSigner = "CN=" + inner.Certificate.Subject.CommonName
	}
	return profiles, nil
}

// suiteFlag chooses the algorithms of the mock world.
type suiteFlag struct {
	Suite pki.Suite `help:"Algorithms of everybody's keys: ${enum}." enum:"gost2015,gost2004,rsa,ecdsa" default:"gost2015"`
}

type devCmd struct {
	Listen     string `help:"Address of the gateway." default:"127.0.0.1:8080"`
	MockListen string `help:"Address of the mock world." default:"127.0.0.1:8081"`
	Dir        string `help:"Where to keep keys, settings and journal; default a new temporary folder." placeholder:"DIR" type:"path"`
	Log        string `help:"Log level: ${enum}." enum:"debug,info,warn,error" default:"info"`
	suiteFlag
}

// Run serves a gateway over a mock world.
func (c *devCmd) Run(ctx context.Context, s streams) error {
	dir, done, err := workDir(c.Dir)
	if err != nil {
		return err
	}
	defer done()
	st, err := newStand(dir, c.Listen, c.MockListen, config.Log{Level: c.Log, Format: "text"}, mocks.Options{Suite: c.Suite})
	if err != nil {
		return err
	}
	defer func() { _ = st.world.Close() }()
	g, err := assemble(ctx, st.cfg, newLog(st.cfg.Log, s.err))
	if err != nil {
		return err
	}
	err = g.listen(ctx, func(addr string) {
		fmt.Fprintf(s.out, "gateway   http://%s   documentation /docs, health /readyz\n", addr)
		fmt.Fprintf(s.out, "mocks     %s   people /mock/people, faults /mock/faults\n", st.world.URL())
		fmt.Fprintf(s.out, "settings  %s\n", st.file)
		fmt.Fprintf(s.out, "API key   %s\n", devKey)
	})
	return errors.Join(err, g.Close())
}

// workDir gives the folder to work in and what to do at the end: a temporary
// one is removed.
func workDir(dir string) (string, func(), error) {
	if dir != "" {
		return dir, func() {}, os.MkdirAll(dir, 0o700)
	}
	dir, err := os.MkdirTemp("", "kopir-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

type mocksCmd struct {
	Serve    mocksServeCmd `cmd:"" default:"withargs" help:"Serve the mock world; what mocks alone does."`
	Personas personasCmd   `cmd:"" help:"List the people of the mock world, what each exists for, and how to find one."`
}

type mocksServeCmd struct {
	Listen        string `help:"Address of the mock world." default:"127.0.0.1:8081"`
	Dir           string `help:"Where to write the gateway's key and what it must trust." placeholder:"DIR" type:"path"`
	GatewayListen string `help:"Address of the gateway, for the settings in DIR." default:"127.0.0.1:8080"`
	AllowRemote   bool   `help:"Let the address be other than this machine's."`
	Lenient       bool   `help:"Answer also callers that would be refused, and say so in every answer."`
	Pad           int    `help:"Least size of an answer in bytes, for measuring." default:"0"`
	Population    seeded `help:"Put N people computed from a number behind those written by hand." placeholder:"SEED:N"`
	suiteFlag
	Mode string `help:"Has to be \"mock\"." default:"mock" hidden:""`
}

// Run serves a mock world alone.
func (c *mocksServeCmd) Run(ctx context.Context, s streams) error {
	people, err := c.Population.people(time.Now())
	if err != nil {
		return err
	}
	world, err := mocks.Start(mocks.Options{
		Mode: c.Mode, AllowRemote: c.AllowRemote, Lenient: c.Lenient, PadAnswer: c.Pad, Suite: c.Suite, Listen: c.Listen, People: people,
	})
	if errors.Is(err, mocks.ErrNotMock) {
		return &exit{exitUsage, err.Error()}
	}
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	fmt.Fprintf(s.out, "mocks     %s   people /mock/people, faults /mock/faults, trust /mock/pki\n", world.URL())
	fmt.Fprintf(s.out, "ШЭП       %s   services %v\n", world.Endpoint(), world.Services())
	if n := people.Generated(); n > 0 {
		fmt.Fprintf(s.out, "generated %d people   /mock/people/generated?from=0\n", n)
	}
	if c.Dir != "" {
		if err := os.MkdirAll(c.Dir, 0o700); err != nil {
			return err
		}
		file := filepath.Join(c.Dir, "kopir.yaml")
		if err := writeSettings(c.Dir, file, c.GatewayListen, config.Log{Level: "info", Format: "json"}, world); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "settings  %s   for kopir serve --config\nAPI key   %s\n", file, devKey)
	}
	<-ctx.Done()
	return nil
}
