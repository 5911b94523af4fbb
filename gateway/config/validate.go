package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/ncanode"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/wsse"
)

// threeYears is how long event logs have to be kept (Единые требования, decree
// 832 of 20 December 2016).
const threeYears = 3 * 365 * 24 * time.Hour

// Validate checks the rules between settings, without opening a file. Parse and
// Load have done so already; it is for settings made in Go. The error is an
// *Error.
func (c *Config) Validate() error {
	if p := c.problems(); len(p) > 0 {
		return &Error{Problems: p}
	}
	return nil
}

// rules collects what is broken.
type rules []Problem

func (r *rules) check(ok bool, field, text string) {
	if !ok {
		*r = append(*r, Problem{Field: field, Text: text})
	}
}

func (c *Config) problems() []Problem {
	var r rules
	_, err := ident.ParseMode(c.Mode)
	r.check(err == nil, "mode", `must be "production", "test" or "mock"`)
	r.check(addressAndPort(c.Listen), "listen", `must be an address and a port, such as "127.0.0.1:8080"`)
	if c.PublicBaseURL != "" {
		u, ok := baseURL(c.PublicBaseURL)
		r.check(ok, "public_base_url", "must be an absolute http or https URL without user, query, fragment and a slash at the end")
		r.check(!ok || u.Scheme == "https" || !c.production(), "public_base_url", "must be https in production")
	}
	r.check(slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level), "log.level",
		`must be "debug", "info", "warn" or "error"`)
	r.check(slices.Contains([]string{"json", "text"}, c.Log.Format), "log.format", `must be "json" or "text"`)
	r.check(c.Journal.Path != "", "journal.path", "must be given: without evidence nothing is sent")
	r.check(c.Journal.SubjectKeyFile != "", "journal.subject_key_file", "must be given: IINs are kept only as keyed hashes")
	c.servicesRules(&r)
	c.signingRules(&r)
	c.trustRules(&r)
	c.outboundRules(&r)
	c.clientsRules(&r)
	c.limitsRules(&r)
	return r
}

func (c *Config) production() bool { return c.Mode == ident.Production.String() }

func addressAndPort(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && n < 1<<16
}

func baseURL(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(u.Path, "/")
	return u, ok
}

func (c *Config) servicesRules(r *rules) {
	r.check(len(c.Services) > 0, "services", "must have at least one entry")
	first := map[string]int{}
	for i := range c.Services {
		p := &c.Services[i]
		*r = append(*r, profileProblems(i, p.Validate())...)
		at := fmt.Sprintf("services[%d]", i)
		if j, twice := first[p.ID]; twice {
			r.check(false, at+".id", fmt.Sprintf("is also that of services[%d]", j))
		} else {
			first[p.ID] = i
		}
		// T41: production must not talk to the offline world, which runs on the
		// same machine unless somebody went out of his way.
		if u, err := url.Parse(p.Endpoint); err == nil && c.production() {
			r.check(!local(u.Hostname()), at+".endpoint", "must not be on this machine in production: registries are not, mocks are")
		}
	}
}

// local tells whether a host is this machine, by its name alone. What a name
// resolves to is checked when it is dialled.
func local(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.Unmap().IsLoopback() || a.Unmap().IsUnspecified())
}

// unspecified tells whether a host stands for all interfaces.
func unspecified(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsUnspecified()
}

// signs and verifies tell what a profile needs of keys and trust.
func signs(p shep.Profile) bool {
	return p.Envelope.Signature == shep.Sign || p.Inner.Carrier != shep.None
}

func verifies(p shep.Profile) bool {
	return p.Answer.Envelope != shep.Ignore || p.Answer.Inner != shep.Ignore
}

func (c *Config) signingRules(r *rules) {
	s := &c.Signing
	ways := 0
	for _, given := range []bool{s.KeyFile != "", len(s.Program) > 0, s.Service.URL != ""} {
		if given {
			ways++
		}
	}
	r.check(ways <= 1, "signing", "must have one of key_file, program and service")
	if i := slices.IndexFunc(c.Services, signs); i >= 0 {
		r.check(ways > 0, "signing", fmt.Sprintf("needs key_file, program or service, because %s signs its messages", c.Services[i].ID))
	}
	r.check(s.PasswordFile == "" || s.KeyFile != "", "signing.password_file", "goes with key_file")
	r.check(s.CertificateFile == "" || ways > 0, "signing.certificate_file", "goes with key_file, program or service")
	r.check(s.Timeout > 0, "signing.timeout", "must be above 0")
	r.check(len(s.Program) == 0 || s.Program[0] != "", "signing.program", "must begin with the name of a program")
	v := &s.Service
	r.check(v.URL != "" || *v == SigningService{}, "signing.service.url", "must be given with the other settings of the service")
	if v.URL != "" {
		r.check(ncanode.CheckURL(v.URL) == nil, "signing.service.url", "must be https, or http on this machine, without user and query")
		r.check(s.CertificateFile != "", "signing.certificate_file", "must be given: nothing else says whose signatures to take from the service")
		for i := range c.Services {
			e, at := &c.Services[i].Envelope, fmt.Sprintf("services[%d].envelope", i)
			r.check(e.Signature != shep.Sign || ncanode.CheckLayout(wsse.SignOptions{ID: wsse.IDStyle(e.IDStyle), KeyInfo: wsse.KeyInfo(e.KeyInfo)}) == nil, at,
				"must be the reference layout (id_style wsu, key_info keyIdentifier), because signing.service writes no other")
		}
	}
	r.check((v.KeystoreFile == "") == (v.PasswordFile == ""), "signing.service", "keystore_file and password_file go together")
}

func (c *Config) trustRules(r *rules) {
	c.revocationRules(r)
	if i := slices.IndexFunc(c.Services, verifies); i >= 0 {
		r.check(len(c.Trust.Roots) > 0, "trust.roots",
			fmt.Sprintf("needs at least one file, because %s verifies signatures", c.Services[i].ID))
	}
}

func (c *Config) revocationRules(r *rules) {
	t := &c.Trust
	r.check(slices.Contains([]string{"off", "soft", "hard"}, t.Revocation), "trust.revocation", `must be "off", "soft" or "hard"`)
	sources := len(t.CRLs) + len(t.CRLURLs) + len(t.OCSP)
	r.check(t.Revocation != "hard" || sources > 0 || t.CRLFolder != "" || t.RevocationFromCertificates, "trust.revocation",
		"is hard, so crls, crl_folder, crl_urls or ocsp must name a source")
	source := func(field, s string) {
		u, err := url.Parse(s)
		ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Fragment == ""
		r.check(ok, field, "must be an absolute http or https URL without user and fragment")
		r.check(!ok || !c.production() || !local(u.Hostname()), field, "must not be on this machine in production: mocks are")
	}
	for i, u := range t.CRLURLs {
		source(fmt.Sprintf("trust.crl_urls[%d]", i), u)
	}
	r.check(len(t.CRLURLs) <= maxCRLURLs, "trust.crl_urls", fmt.Sprintf("must have at most %d entries", maxCRLURLs))
	for i, p := range t.OCSP {
		at := fmt.Sprintf("trust.ocsp[%d]", i)
		source(at+".url", p.URL)
		_, ok := pki.ParseName(p.Issuer)
		r.check(p.Issuer == "" || ok, at+".issuer", `must be a distinguished name, such as "CN=NCA,C=KZ"`)
		r.check(slices.Contains([]string{"", "sha1", "sha256", "gost34311"}, p.Hash), at+".hash", `must be "sha1", "sha256" or "gost34311"`)
	}
	r.check(t.RevocationMaxAge > 0, "trust.revocation_max_age", "must be above 0")
}

// maxCRLURLs is how many lists are fetched at most.
const maxCRLURLs = 32

func (c *Config) outboundRules(r *rules) {
	o := &c.Outbound
	r.check((o.TLSCertificateFile == "") == (o.TLSKeyFile == ""), "outbound", "tls_certificate_file and tls_key_file go together")
	for i, s := range o.AllowAddresses {
		at := fmt.Sprintf("outbound.allow_addresses[%d]", i)
		p, err := netip.ParsePrefix(s)
		r.check(err == nil, at, `must be a range of addresses, such as "10.61.0.0/16"`)
		r.check(err != nil || !c.production() || !p.Overlaps(loopback(p)), at,
			"must not hold loopback addresses in production")
	}
}

// loopback is the loopback range of the family of a range.
func loopback(like netip.Prefix) netip.Prefix {
	if like.Addr().Is4() {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)
	}
	return netip.PrefixFrom(netip.IPv6Loopback(), 128)
}

func (c *Config) clientsRules(r *rules) {
	clientID := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	hash := regexp.MustCompile(`^hmac-sha256:[0-9a-f]{64}$`)
	r.check(len(c.Clients) == 0 || c.ClientsPepperFile != "", "clients_pepper_file", "must be given, because there are clients")
	ids, hashes := map[string]int{}, map[Secret]int{}
	for i, cl := range c.Clients {
		at := fmt.Sprintf("clients[%d]", i)
		r.check(clientID.MatchString(cl.ID), at+".id",
			"must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen")
		if j, twice := ids[cl.ID]; twice {
			r.check(false, at+".id", fmt.Sprintf("is also that of clients[%d]", j))
		}
		ids[cl.ID] = i
		for _, h := range []struct {
			field string
			value Secret
		}{{"key_hash", cl.KeyHash}, {"old_key_hash", cl.OldKeyHash}} {
			if h.value == "" && h.field == "old_key_hash" {
				continue
			}
			r.check(hash.MatchString(h.value.Reveal()), at+"."+h.field, `must be "hmac-sha256:" and 64 lower-case hex digits`)
			if j, twice := hashes[h.value]; twice {
				r.check(false, at+"."+h.field, fmt.Sprintf("stands in clients[%d] already: every key is given once", j))
			}
			hashes[h.value] = i
		}
		r.check(len(cl.Operations) > 0, at+".operations", "must have at least one entry: what is not listed is not allowed")
		for k, op := range cl.Operations {
			known := slices.ContainsFunc(c.Services, func(p shep.Profile) bool { return p.ID == op })
			r.check(known, fmt.Sprintf("%s.operations[%d]", at, k), "must be the id of one of the services")
		}
	}
}

func (c *Config) limitsRules(r *rules) {
	l := &c.Limits
	r.check(l.RequestBytes >= 1<<10 && l.RequestBytes <= 16<<20, "limits.request_bytes", "must be 1024 to 16777216")
	r.check(l.HeaderBytes >= 1<<10 && l.HeaderBytes <= 1<<20, "limits.header_bytes", "must be 1024 to 1048576")
	r.check(l.Connections >= 1, "limits.connections", "must be at least 1")
	r.check(l.HeaderTimeout > 0, "limits.header_timeout", "must be above 0")
	r.check(l.ReadTimeout >= l.HeaderTimeout, "limits.read_timeout", "must be at least header_timeout")
	longest := Duration(0)
	for i := range c.Services {
		longest = max(longest, c.Services[i].Timeout)
	}
	r.check(l.WriteTimeout > longest, "limits.write_timeout",
		fmt.Sprintf("must be above %s, the longest timeout of the services, or answers are cut off", longest))
	r.check(l.IdleTimeout > 0, "limits.idle_timeout", "must be above 0")
}

// Warnings tells what is allowed but should have a reason.
func (c *Config) Warnings() []Problem {
	var r rules
	r.check(c.Journal.Retention == 0 || c.Journal.Retention.Std() >= threeYears, "journal.retention",
		"is below three years, the term for event logs")
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && c.production() {
		r.check(local(host) && !unspecified(host), "listen",
			"is open to the network without TLS; put a TLS proxy in front and keep the port closed to all else")
	}
	r.check(len(c.Clients) > 0, "clients", "is empty: nobody can use the API")
	for i := range c.Services {
		p, at := &c.Services[i], fmt.Sprintf("services[%d]", i)
		r.check(p.Answer.Envelope == shep.Require, at+".answer.envelope", "unsigned answers are accepted")
		r.check(p.Envelope.Signature == shep.Sign, at+".envelope.signature", "our own messages are not signed")
		r.check(p.Answer.Envelope == shep.Ignore || p.Answer.Signer != "", at+".answer.signer",
			"is empty: every system under the trusted roots may sign answers; name the one that does")
		if u, err := url.Parse(p.Endpoint); err == nil {
			r.check(u.Scheme == "https" || !c.production() || len(c.Outbound.AllowAddresses) > 0, at+".endpoint",
				"plain http, and outbound.allow_addresses does not say which network that is")
		}
	}
	return r
}
