package persona_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/persona"
)

const today fact.Date = "2026-11-01"

func set(t *testing.T) *fact.Set {
	t.Helper()
	p, err := population.Load(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return p.Facts()
}

func TestFind(t *testing.T) {
	t.Parallel()
	people := set(t)
	for _, tt := range []struct {
		where []string
		want  []string
	}{
		{[]string{"key=adult"}, []string{"adult"}},
		{[]string{"family=single"}, []string{"single-mother", "statement-child", "no-iin-yet"}},
		{[]string{"property=no-patronymic"}, []string{"no-patronymic"}},
		{[]string{"property=card-and-current-account"}, []string{"adult"}}, // not what the person exists for
		{[]string{"disability=II"}, []string{"host-father"}},
		{[]string{"disability=child"}, []string{"child-with-disability"}},
		{[]string{"capacity-loss=professional", "disability=none"}, []string{"later-husband"}},
		{[]string{"has-account=kazpost"}, []string{"widow", "guardian"}},
		{[]string{"has-account=another-persons"}, []string{"adoptive-father"}},
		{[]string{"has-account=closed", "alive=yes"}, []string{"missing", "ex-husband"}},
		{[]string{"has-account=none", "age=20-", "alive=yes"}, []string{"no-patronymic"}},
		{[]string{"sex=female", "age=14"}, []string{"twin-girl"}},
		{[]string{"age=14-17"}, []string{"turns-18", "twin-girl", "twin-boy", "host-child", "namesake-child"}},
		{[]string{"age=-0"}, []string{"newborn", "no-iin-yet"}},
		{[]string{"age=old"}, nil},
		{[]string{"age=14-x"}, nil},
		{[]string{"alive=no"}, []string{"deceased", "dead-in-one"}},
		{[]string{"iin=none"}, []string{"no-iin-yet"}},
		{[]string{"iin=computed"}, []string{"newborn", "turns-18"}},
		{[]string{"iin=merged"}, []string{"ex-husband"}},
		{[]string{"citizenship=417"}, []string{"foreigner", "born-abroad"}},
		{[]string{"document=015"}, []string{"foreigner"}},
		{[]string{"registration=temporary"}, []string{"adult", "single-mother", "statement-child"}},
		{[]string{"registration=outside"}, []string{"baikonur"}},
		{[]string{"registration=none", "age=18-", "alive=yes", "fault=fault"}, nil},
		{[]string{"registration=none", "property=merged-iins"}, []string{"ex-husband"}},
		{[]string{"children=4", "married=yes"}, []string{"large-father", "large-mother"}},
		{[]string{"act=divorce"}, []string{"divorced", "ex-husband"}},
		{[]string{"care=ward", "care=host_family"}, []string{"host-child"}},
		{[]string{"care=guardian"}, []string{"adult", "guardian", "host-mother", "host-father"}},
		{[]string{"status=pensioner"}, []string{"widow"}},
		{[]string{"award=guardian"}, []string{"guardian"}},
		{[]string{"work=unemployed"}, []string{"single-mother"}},
		{[]string{"work=entrepreneur"}, []string{"large-father"}},
		{[]string{"work=employed"}, []string{"adult", "adoptive-mother"}},
		{[]string{"differs-in=person"}, []string{"dead-in-one"}},
		{[]string{"fault=timing-delay"}, []string{"magic-timing"}},
	} {
		var where []persona.Criterion
		for _, text := range tt.where {
			c, err := persona.ParseCriterion(text)
			if err != nil {
				t.Fatal(err)
			}
			where = append(where, c)
		}
		var got []string
		for _, one := range persona.Find(people, today, where...) {
			got = append(got, one.Key)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.where, got, tt.want)
		}
	}
}

// TestEveryAttributeFinds: each key has at least two values among the people, so
// that it tells some from others.
func TestEveryAttributeFinds(t *testing.T) {
	t.Parallel()
	all := persona.Find(set(t), today)
	if len(all) < 30 || all[0].Property.Kk == "" || all[0].Name.Kk.Surname == "" {
		t.Fatalf("%d people, the first %+v", len(all), all[0])
	}
	for _, key := range persona.Attributes() {
		values := map[string]bool{}
		for _, one := range all {
			for _, v := range one.Attributes[key] {
				values[v] = true
			}
		}
		if len(values) < 2 {
			t.Errorf("%s is %v for everybody", key, values)
		}
	}
}

func TestParseCriterion(t *testing.T) {
	t.Parallel()
	if c, err := persona.ParseCriterion("key=a=b"); err != nil || c.Value != "a=b" {
		t.Errorf("%+v %v", c, err)
	}
	for _, text := range []string{"", "age", "mood=good", "=x"} {
		if _, err := persona.ParseCriterion(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
