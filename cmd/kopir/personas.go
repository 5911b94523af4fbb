package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/persona"
)

// seeded is a generated population as the command line says it: SEED:N.
type seeded struct {
	seed uint64
	n    int
}

// UnmarshalText reads SEED:N.
func (p *seeded) UnmarshalText(text []byte) error {
	seed, n, ok := strings.Cut(string(text), ":")
	var err1, err2 error
	p.seed, err1 = strconv.ParseUint(seed, 10, 64)
	p.n, err2 = strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || p.n < 0 {
		return errors.New("a population is SEED:N, two numbers such as 7:1000000")
	}
	return nil
}

// people are those written by hand, as of a moment, with the generated ones
// behind them.
func (p *seeded) people(now time.Time) (*population.Population, error) {
	people, err := population.Load(now)
	if err != nil || p.n == 0 {
		return people, err
	}
	if people, err = people.WithGenerated(p.seed, p.n); err != nil {
		return nil, &exit{exitUsage, err.Error()}
	}
	return people, nil
}

type personasCmd struct {
	Where []string `help:"Show only people with this value; several conditions must all be met." placeholder:"KEY=VALUE" sep:"none"`
	JSON  bool     `help:"Print everything as JSON."`
	Lang  string   `help:"Language of the properties: ${enum}." enum:"kk,ru,en" default:"en"`
}

// Help is shown by --help.
func (personasCmd) Help() string {
	return "Keys: " + strings.Join(persona.Attributes(), ", ") + ".\n" +
		"For example: --where disability=II, --where age=14-17 --where registration=none, --where has-account=kazpost, --where property=no-patronymic."
}

// Run lists the people of the files.
func (c *personasCmd) Run(s streams) error {
	var where []persona.Criterion
	for _, text := range c.Where {
		w, err := persona.ParseCriterion(text)
		if err != nil {
			return &exit{exitUsage, err.Error()}
		}
		where = append(where, w)
	}
	now := time.Now()
	people, err := population.Load(now)
	if err != nil {
		return err
	}
	found := persona.Find(people.Facts(), fact.Day(now), where...)
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(found)
	}
	return c.list(s.out, found)
}

// list writes one line for each person.
func (c *personasCmd) list(out io.Writer, found []persona.Persona) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	computed := false
	for _, one := range found {
		iin := one.IIN
		switch one.Attributes["iin"][0] {
		case "none":
			iin = "no IIN"
		case "computed":
			iin, computed = iin+"*", true
		}
		text := map[string]string{"kk": one.Property.Kk, "ru": one.Property.Ru, "en": one.Property.En}[c.Lang]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", iin, one.Born, one.Key, one.Property.ID, text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if computed {
		fmt.Fprintln(out, "\n* computed of a birth date that depends on the clock: another one tomorrow")
	}
	if len(found) == 0 {
		return &exit{exitFailed, "nobody is like this; kopir mocks personas lists everybody"}
	}
	return nil
}
