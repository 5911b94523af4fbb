package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/journal"
)

type configCmd struct {
	Check  configCheck  `cmd:"" help:"Check the settings and every file they name."`
	Print  configPrint  `cmd:"" help:"Print the settings in force, defaults included, secrets masked."`
	Schema configSchema `cmd:"" help:"Print the JSON Schema of the settings: every setting with its meaning, unit and default."`
}

type configCheck struct {
	File string `arg:"" help:"Settings." default:"/etc/kopir/kopir.yaml"`
}

// Run checks; a wrong setting is a usage error that names file and line.
func (c *configCheck) Run(s streams) error {
	cfg, err := config.Load(c.File)
	if err == nil {
		err = cfg.CheckFiles()
	}
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	for _, w := range cfg.Warnings() {
		fmt.Fprintf(s.out, "warning: %s\n", w)
	}
	fmt.Fprintf(s.out, "%s holds: mode %s, %d services, %d clients\n", c.File, cfg.Mode, len(cfg.Services), len(cfg.Clients))
	return nil
}

type configPrint struct {
	File string `arg:"" help:"Settings." default:"/etc/kopir/kopir.yaml"`
}

// Run prints the settings in force.
func (c *configPrint) Run(s streams) error {
	cfg, err := config.Load(c.File)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	return cfg.Print(s.out)
}

type configSchema struct{}

// Run prints the schema.
func (configSchema) Run(s streams) error {
	_, err := s.out.Write(config.Schema())
	return err
}

type journalCmd struct {
	Config     string    `help:"Settings that name the journal." default:"/etc/kopir/kopir.yaml" placeholder:"FILE"`
	Unfinished bool      `help:"Only exchanges without an outcome: they may or may not have taken place."`
	Exchange   string    `help:"Only this exchange." placeholder:"ID"`
	Client     string    `help:"Only this client." placeholder:"ID"`
	Operation  string    `help:"Only this operation." placeholder:"ID"`
	From       time.Time `help:"Begun at or after (RFC 3339)." format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
	To         time.Time `help:"Begun before (RFC 3339)." format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
	Limit      int       `help:"At most so many." default:"100"`
	JSON       bool      `name:"json" help:"Print one JSON object a line."`
}

// Run lists what is on record, without stopping a gateway that is writing.
func (c *journalCmd) Run(ctx context.Context, s streams) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	if _, err := os.Stat(cfg.Journal.Path); err != nil {
		return err // looking at a journal must not make one
	}
	cfg.Journal.Retention = 0 // nor let go of anything in it
	g := &gateway{cfg: cfg}
	if _, err := g.openJournal(ctx); err != nil {
		return errors.Join(err, g.Close())
	}
	entries, err := g.journal.List(ctx, journal.Filter{
		From: c.From, To: c.To, Exchange: c.Exchange, Client: c.Client, Operation: c.Operation, Unfinished: c.Unfinished, Limit: c.Limit,
	})
	for _, e := range entries {
		if c.JSON {
			err = errors.Join(err, json.NewEncoder(s.out).Encode(e))
			continue
		}
		class, took := "no outcome", ""
		if e.Outcome != nil {
			class, took = e.Outcome.Class, e.Outcome.Duration.Round(time.Microsecond).String()
		}
		fmt.Fprintf(s.out, "%s  %s  %-16s %-12s %-20s %s\n", e.Intent.At.UTC().Format(time.RFC3339), e.Intent.Exchange, e.Intent.Operation, e.Intent.Client, class, took)
	}
	return errors.Join(err, g.Close())
}

type apiKeyCmd struct {
	Pepper string `help:"File named by clients_pepper_file." required:"" placeholder:"FILE" type:"existingfile"`
}

// Run makes an API key. It is shown this once; the settings get its hash.
func (c *apiKeyCmd) Run(s streams) error {
	pepper, err := config.ReadSecret(c.Pepper)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	key := api.NewKey()
	hash, err := api.HashKey(key, []byte(pepper.Reveal()))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "key for the client      %s\nkey_hash for settings   %s\n", key, hash)
	return nil
}
