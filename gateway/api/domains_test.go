package api_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/ident"
)

// TestBadInputOfEveryOperation: what each domain adds to TestBadInput. A wrong
// number, two ways to search at once, a search that is too wide: a problem
// document names field and rule, never the value.
func TestBadInputOfEveryOperation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realExchange(t, ident.Mock, false))
	for _, tt := range []struct {
		name, route, query string
		rules              []string
		secret             string
	}{
		{"object: empty", "/v1/address-objects/search", `{}`, []string{"/query/address_register_code field.required"}, ""},
		{"object: code with a space", "/v1/address-objects/search", `{"address_register_code":"99000 00007654321"}`, []string{"/query/address_register_code address_code.characters"}, "7654321"},
		{"object: long code", "/v1/address-objects/search", `{"address_register_code":"98765432109876543210987654321098765432109876543210987654321098765"}`, []string{"/query/address_register_code address_code.length"}, "9876543210"},
		{"object: by IIN", "/v1/address-objects/search", `{"iin":"904315401016"}`, []string{"/query/address_register_code field.required", "/query/iin field.unknown"}, "904315401016"},

		{"act: empty", civilActRoute, `{}`, []string{"/query query.mode"}, ""},
		{"act: two ways", civilActRoute, `{"iin":"904315401016","role":"parent","act_number":"1990001","registry_office":"71101","registration_date":"2025-08-22"}`, []string{"/query query.mode"}, "904315401016"},
		{"act: role without person", civilActRoute, `{"role":"parent"}`, []string{"/query query.mode"}, ""},
		{"act: kinds without person", civilActRoute, `{"kinds":["death"]}`, []string{"/query query.mode"}, ""},
		{"act: office without number", civilActRoute, `{"registry_office":"7110199"}`, []string{"/query query.mode"}, "7110199"},
		{"act: every act of a person", civilActRoute, `{"iin":"904315401016"}`, []string{"/query/role query.too_wide"}, "904315401016"},
		{"act: number alone", civilActRoute, `{"act_number":"1990001"}`, []string{"/query/act_number query.too_wide"}, "1990001"},
		{"act: number without day", civilActRoute, `{"act_number":"1990001","registry_office":"71101"}`, []string{"/query/act_number query.too_wide"}, "1990001"},
		{"act: a spouse is not born", civilActRoute, `{"iin":"904315401016","role":"spouse","kinds":["marriage","birth"]}`, []string{"/query/kinds/1 civil_act.role"}, "904315401016"},
		{"act: kind twice", civilActRoute, `{"iin":"904315401016","role":"spouse","kinds":["divorce","divorce"]}`, []string{"/query/kinds list.repeated"}, "904315401016"},
		{"act: no kinds", civilActRoute, `{"iin":"904315401016","role":"spouse","kinds":[]}`, []string{"/query/kinds list.size"}, "904315401016"},
		{"act: unknown kind", civilActRoute, `{"iin":"904315401016","role":"spouse","kinds":["канарейка"]}`, []string{"/query/kinds/0 field.format"}, "канарейка"},
		{"act: unknown role", civilActRoute, `{"iin":"904315401016","role":"канарейка"}`, []string{"/query/role field.format"}, "канарейка"},
		{"act: number with a space", civilActRoute, `{"act_number":"19 90001","registry_office":"71101","registration_date":"2025-08-22"}`, []string{"/query/act_number act_number.characters"}, "90001"},
		{"act: number without a digit", civilActRoute, `{"act_number":"канарейка","registry_office":"71101","registration_date":"2025-08-22"}`, []string{"/query/act_number act_number.digits"}, "канарейка"},
		{"act: number of 33 characters", civilActRoute, `{"act_number":"199000119900011990001199000119900","registry_office":"71101","registration_date":"2025-08-22"}`, []string{"/query/act_number act_number.length"}, "1990001"},
		{"act: office in words", civilActRoute, `{"act_number":"1990001","registry_office":"РАГС","registration_date":"2025-08-22"}`, []string{"/query/registry_office code.characters"}, "РАГС"},
		{"act: no such day", civilActRoute, `{"act_number":"1990001","registry_office":"71101","registration_date":"2025-02-30"}`, []string{"/query/registration_date date.calendar"}, "2025-02-30"},
		{"act: wrong check digit", civilActRoute, `{"iin":"904315401017","role":"subject"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},

		{"disability: empty", "/v1/disabilities/search", `{}`, []string{"/query/iin field.required"}, ""},
		{"disability: wrong check digit", "/v1/disabilities/search", `{"iin":"904315401017"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"disability: by name", "/v1/disabilities/search", `{"surname":"СЫНАҚОВА"}`, []string{"/query/iin field.required", "/query/surname field.unknown"}, "СЫНАҚОВА"},
		{"capacity: wrong check digit", "/v1/capacity-losses/search", `{"iin":"904315401017"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},

		{"account: empty", accountRoute, `{}`, []string{"/query/holder field.required", "/query/iban field.required"}, ""},
		{"account: nobody's", accountRoute, `{"iban":"KZ146010000TEST00001","holder":{}}`, []string{"/query/holder query.too_wide"}, "KZ146010000"},
		{"account: half a name", accountRoute, `{"iban":"KZ146010000TEST00001","holder":{"given_name":"АЙГЕРІМ"}}`, []string{"/query/holder query.too_wide"}, "АЙГЕРІМ"},
		{"account: digits in a name", accountRoute, `{"iban":"KZ146010000TEST00001","holder":{"surname":"СЫНАҚ0ВА","given_name":"А"}}`, []string{"/query/holder/surname name.characters"}, "СЫНАҚ0ВА"},
		{"account: wrong IIN", accountRoute, `{"iban":"KZ146010000TEST00001","holder":{"iin":"904315401017"}}`, []string{"/query/holder/iin iin.check_digit"}, "904315401017"},
		{"account: short", accountRoute, `{"iban":"KZ146010000TEST0001","holder":{"iin":"904315401016"}}`, []string{"/query/iban iban.length"}, "KZ146010000"},
		{"account: another country", accountRoute, `{"iban":"DE146010000TEST00001","holder":{"iin":"904315401016"}}`, []string{"/query/iban iban.country"}, "DE146010000"},
		{"account: lower case", accountRoute, `{"iban":"kz146010000test00001","holder":{"iin":"904315401016"}}`, []string{"/query/iban iban.characters"}, "kz146010000"},
		{"account: bank in letters", accountRoute, `{"iban":"KZ14HSB0000TEST00001","holder":{"iin":"904315401016"}}`, []string{"/query/iban iban.bank"}, "KZ14HSB"},
		{"account: wrong check digits", accountRoute, `{"iban":"KZ156010000TEST00001","holder":{"iin":"904315401016"}}`, []string{"/query/iban iban.check_digits"}, "KZ156010000"},
		{"account: short BIC", accountRoute, `{"iban":"KZ146010000TEST00001","bic":"HSBKKZK","holder":{"iin":"904315401016"}}`, []string{"/query/bic bic.length"}, "HSBKKZK"},
		{"account: BIC in lower case", accountRoute, `{"iban":"KZ146010000TEST00001","bic":"hsbkkzkx","holder":{"iin":"904315401016"}}`, []string{"/query/bic bic.characters"}, "hsbkkzkx"},
		{"account: BIC without country", accountRoute, `{"iban":"KZ146010000TEST00001","bic":"HSBK12KX","holder":{"iin":"904315401016"}}`, []string{"/query/bic bic.country"}, "HSBK12KX"},
		{"account: BIC of another bank", accountRoute, `{"iban":"KZ146010000TEST00001","bic":"CASPKZKA","holder":{"iin":"904315401016"}}`, []string{"/query/bic account.bank"}, "CASPKZKA"},

		{"guardianship: no role", guardianshipRoute, `{"iin":"904315401016"}`, []string{"/query/role field.required"}, "904315401016"},
		{"guardianship: unknown role", guardianshipRoute, `{"iin":"904315401016","role":"канарейка"}`, []string{"/query/role field.format"}, "канарейка"},
		{"guardianship: wrong check digit", guardianshipRoute, `{"iin":"904315401017","role":"ward"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"trustee: wrong check digit", "/v1/trustees/search", `{"iin":"904315401017","role":"guardian"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},

		{"status: wrong check digit", "/v1/social-status/search", `{"iin":"904315401017"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"award: wrong check digit", "/v1/awards/search", `{"iin":"904315401017"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"employment: letters", "/v1/employment/search", `{"iin":"90431540101O"}`, []string{"/query/iin iin.digits"}, "90431540101"},

		{"taxpayer: wrong check digit", taxpayerRoute, `{"iin":"904315401017"}`, []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"taxpayer: half a period", taxpayerRoute, `{"iin":"904315401016","period":{"from":"2024-09"}}`, []string{"/query/period/to field.required"}, "2024-09"},
		{"taxpayer: month 13", taxpayerRoute, `{"iin":"904315401016","period":{"from":"2024-13","to":"2025-01"}}`, []string{"/query/period/from month.calendar"}, "2024-13"},
		{"taxpayer: backwards", taxpayerRoute, `{"iin":"904315401016","period":{"from":"2025-02","to":"2025-01"}}`, []string{"/query/period/to period.order"}, "2025-01"},
		{"taxpayer: sixty-one months", taxpayerRoute, `{"iin":"904315401016","period":{"from":"2020-01","to":"2025-01"}}`, []string{"/query/period query.too_wide"}, "2020-01"},

		{"entity: empty", legalEntityRoute, `{}`, []string{"/query/bin field.required"}, ""},
		{"entity: short", legalEntityRoute, `{"bin":"99124000000"}`, []string{"/query/bin bin.length"}, "99124000000"},
		{"entity: letters", legalEntityRoute, `{"bin":"99124000000O"}`, []string{"/query/bin bin.digits"}, "99124000000"},
		{"entity: month", legalEntityRoute, `{"bin":"991340000003"}`, []string{"/query/bin bin.month"}, "991340000003"},
		{"entity: an IIN", legalEntityRoute, `{"bin":"991231500006"}`, []string{"/query/bin bin.kind"}, "991231500006"},
		{"entity: part", legalEntityRoute, `{"bin":"991249000003"}`, []string{"/query/bin bin.part"}, "991249000003"},
		{"entity: wrong check digit", legalEntityRoute, `{"bin":"991240000004"}`, []string{"/query/bin bin.check_digit"}, "991240000004"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := w.post(tt.route, `{`+purpose+`,"query":`+tt.query+`}`)
			p := problem(t, w, tt.route, r)
			if p.Code != "invalid-request" || !slices.Equal(rules(p), tt.rules) {
				t.Errorf("got %s %q, want %q", p.Code, rules(p), tt.rules)
			}
			for _, f := range p.Errors {
				if f.Detail == "" {
					t.Errorf("%s has no text", f.Rule)
				}
			}
			answer, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			absent(t, "the answer", string(answer)+headerText(r), tt.secret)
			absent(t, "the log", w.log.String(), tt.secret)
		})
	}
}

// TestNotConfigured: an operation without a service profile is refused like any
// other fault of the set-up, and nothing is said about it to strangers.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	x := realExchange(t, ident.Mock, false, "person.search")
	w := newWorld(t, x)
	for _, op := range everyOperation(t)[1:] {
		if p := problem(t, w, op.route, w.post(op.route, `{`+purpose+`,"query":`+op.request+`}`)); p.Code != "internal" {
			t.Errorf("%s: got %s", op.id, p.Code)
		}
	}
}
