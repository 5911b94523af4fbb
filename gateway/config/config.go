// Package config reads the settings of the gateway: one YAML file, taken whole
// or not at all.
//
// Reading is strict. An unknown or repeated setting, a value of the wrong type
// and a second document are errors that name the line; no error quotes a value,
// because a secret may have been put in the wrong place. Time spans are text
// with a unit ("5s"). Secrets are never in the file, only the names of files
// that hold them; relative names count from the directory of the settings file.
//
// Three looks at the settings are separate, because not every command can do
// all of them: Parse and Load check the text and the rules between settings,
// CheckFiles opens every file that is named, and Warnings tells what is allowed
// but should have a reason.
//
// The comments of the fields below are the reference. schema.json is made from
// them and is what `kopir config schema` prints, for editors that complete and
// check YAML by a JSON Schema.
package config

import (
	"net/netip"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
)

// Duration is a time span in text form, e.g. "5s".
type Duration = shep.Duration

// Config is the whole of the settings.
type Config struct {
	// Mode decides which people and which peers may be met: "production"
	// refuses synthetic IINs, mock end points and test certificates, "test" takes
	// both kinds of numbers, "mock" takes synthetic numbers and certificates of
	// the mock world only. There is no default.
	Mode string `yaml:"mode"`
	// Listen is the address and port of the HTTP API. The API speaks plain HTTP:
	// anywhere but on the local machine put a TLS proxy in front of it.
	Listen string `yaml:"listen"`
	// PublicBaseURL is how clients reach the API, e.g. "https://kopir.example.kz".
	// Problem types start with it; without a slash at the end. Empty: they start
	// with https://kopir.kz, which is a name and need not be reachable.
	PublicBaseURL string `yaml:"public_base_url,omitempty"`

	// Log is what is logged, to standard error, one record a line.
	Log Log `yaml:"log"`
	// Journal is where the evidence of every exchange is kept.
	Journal Journal `yaml:"journal"`
	// Signing is the key of this gateway.
	Signing Signing `yaml:"signing,omitempty"`
	// Trust says whose signatures count. Trust comes from here only, never from
	// a message.
	Trust Trust `yaml:"trust,omitempty"`
	// Outbound is how registries are reached.
	Outbound Outbound `yaml:"outbound,omitempty"`

	// ClientsPepperFile names a file of at least 32 bytes, mode 0600, that is the
	// key of the HMAC in key_hash, so that a stolen settings file holds nothing a
	// key can be tried against. Needed as soon as there is a client.
	ClientsPepperFile string `yaml:"clients_pepper_file,omitempty"`
	// Clients are the systems that may use the API.
	Clients []Client `yaml:"clients,omitempty"`
	// Services are the registry operations, one profile each.
	Services []shep.Profile `yaml:"services"`
	// Limits bound what one caller of the API can make us do.
	Limits Limits `yaml:"limits"`
}

// Log is what is logged.
type Log struct {
	// Level is "debug", "info", "warn" or "error". No level logs personal data.
	// Default info.
	Level string `yaml:"level"`
	// Format is "json" or "text". Default json.
	Format string `yaml:"format"`
}

// Journal is where evidence is kept.
type Journal struct {
	// Path is the SQLite database. It is made, mode 0600, if it is absent; its
	// directory must exist and must not be writable by others.
	Path string `yaml:"path"`
	// SubjectKeyFile names a file of at least 32 bytes, mode 0600: the key under
	// which IINs are hashed. Whoever loses it can no longer find a person in the
	// journal; `openssl rand -hex 32` makes one.
	SubjectKeyFile string `yaml:"subject_key_file"`
	// Retention is how long records are kept; "0s" is for ever. Default 43800h
	// (five years). Event logs have to be kept for three years (26280h).
	Retention Duration `yaml:"retention"`
}

// Signing is the key of the gateway: a file, a program or a service, one of
// them. The algorithm is the key's: RSA, ECDSA or one of the national ones.
type Signing struct {
	// KeyFile names a PEM file (PKCS#8, PKCS#1 or SEC 1) or a PKCS#12 keystore as
	// the national centre issues it, mode 0600.
	KeyFile string `yaml:"key_file,omitempty"`
	// PasswordFile names a file, mode 0600, with the password of the keystore.
	PasswordFile string `yaml:"password_file,omitempty"`
	// CertificateFile names the PEM or DER certificate of that key. It may be left
	// out where key_file holds it, or where a program signs.
	CertificateFile string `yaml:"certificate_file,omitempty"`
	// Program is a program that signs with a key it holds, and its arguments, e.g.
	// kopir-pkcs11 for a hardware module. The package comment of
	// gateway/pki/program tells what it must speak.
	Program []string `yaml:"program,omitempty"`
	// Service is a signing service with the HTTP interface of NCANode 3. It writes
	// the reference layout of signatures and no other.
	Service SigningService `yaml:"service,omitempty"`
	// Timeout bounds one signature by a program or service. Default 10s.
	Timeout Duration `yaml:"timeout,omitempty"`
}

// SigningService is where whole messages are signed.
type SigningService struct {
	// URL is the address, e.g. "http://127.0.0.1:14579": https, or http on this
	// machine.
	URL string `yaml:"url,omitempty"`
	// KeystoreFile names the PKCS#12 keystore that goes with every request, mode
	// 0600. Leave it out if the service keeps the key itself.
	KeystoreFile string `yaml:"keystore_file,omitempty"`
	// PasswordFile names a file, mode 0600, with the keystore's password.
	PasswordFile string `yaml:"password_file,omitempty"`
	// Alias is the name of the key in the keystore, where it holds several.
	Alias string `yaml:"alias,omitempty"`
}

// Trust says whose signatures count. Every list holds names of files with one or
// more certificates in PEM, or one in DER.
type Trust struct {
	// Roots are certificates of authorities. One that is not listed is not
	// trusted, whatever the operating system says.
	Roots []string `yaml:"roots,omitempty"`
	// Intermediates complete chains from a signer to a root.
	Intermediates []string `yaml:"intermediates,omitempty"`
	// Known are signers' certificates for messages that carry only issuer and
	// serial number.
	Known []string `yaml:"known,omitempty"`
	// Revocation says what is demanded about revocation: "off" asks nobody, "soft"
	// refuses what is known to be revoked, "hard" also demands a fresh answer about
	// every certificate in a chain, so it needs a source. Default soft.
	Revocation string `yaml:"revocation"`
	// CRLs are files with one or more revocation lists, read at the start.
	CRLs []string `yaml:"crls,omitempty"`
	// CRLFolder is a folder into which revocation lists are put, PEM or DER, in
	// files of any name: for networks where they cannot be fetched. It is looked at
	// once a minute at most.
	CRLFolder string `yaml:"crl_folder,omitempty"`
	// CRLURLs are where revocation lists are fetched, complete ones and those of
	// changes (delta). A list is fetched when it is first needed, and again when its
	// time is over.
	CRLURLs []string `yaml:"crl_urls,omitempty"`
	// OCSP are responders. The first that gives an answer counts; lists are looked
	// at when none does. Addresses have to be allowed in outbound.allow_addresses.
	OCSP []Responder `yaml:"ocsp,omitempty"`
	// RevocationFromCertificates also asks the responders and fetches the lists that
	// certificates name, after those given here. Default false.
	RevocationFromCertificates bool `yaml:"revocation_from_certificates,omitempty"`
	// RevocationCache is a folder that keeps answers and lists, so that a start does
	// not have to fetch them anew. It is made, mode 0700, if it is absent; its
	// parent must exist. Empty: they are kept in memory only.
	RevocationCache string `yaml:"revocation_cache,omitempty"`
	// RevocationMaxAge is after what time a responder is asked again, even if its
	// answer is good for longer. An answer that names no end (nextUpdate) is good for
	// that long. Default 1h.
	RevocationMaxAge Duration `yaml:"revocation_max_age"`
	// RevocationGrace is how long an answer or a list past its time is still used
	// while nobody gives a newer one: the outage of responders that is survived. It
	// does not apply to crls. Default 24h; "0s" for none.
	RevocationGrace Duration `yaml:"revocation_grace"`
}

// Responder is an OCSP responder.
type Responder struct {
	// URL is where it answers, http or https: its answers are signed.
	URL string `yaml:"url"`
	// Issuer is the name of the authority it answers for, e.g. "CN=NCA,C=KZ". Empty:
	// it is asked about every certificate.
	Issuer string `yaml:"issuer,omitempty"`
	// CertificateFile names the certificate it signs with. It is needed only if
	// that is neither the authority's own nor one that the authority has issued for
	// this purpose.
	CertificateFile string `yaml:"certificate_file,omitempty"`
	// Hash is how certificates are named in requests: "sha1", "sha256" or
	// "gost34311". Default sha1, which every responder knows; no signature depends
	// on it.
	Hash string `yaml:"hash,omitempty"`
	// RequireNonce refuses answers that were not made for the request. Responders
	// that prepare their answers beforehand cannot give such. Default false.
	RequireNonce bool `yaml:"require_nonce,omitempty"`
}

// Outbound is how registries are reached.
type Outbound struct {
	// TLSRoots are files with the certificates that https end points must chain
	// to. Empty: those of the operating system.
	TLSRoots []string `yaml:"tls_roots,omitempty"`
	// TLSCertificateFile is the client certificate for peers that ask for one.
	TLSCertificateFile string `yaml:"tls_certificate_file,omitempty"`
	// TLSKeyFile is its key, PEM, mode 0600.
	TLSKeyFile string `yaml:"tls_key_file,omitempty"`
	// AllowAddresses are the address ranges that may be connected to, e.g.
	// "10.61.0.0/16"; they are checked after name resolution. Empty: every
	// address but loopback, link-local and multicast; in mode mock loopback too.
	AllowAddresses []string `yaml:"allow_addresses,omitempty"`
}

// Client is a system that may use the API.
type Client struct {
	// ID names the client in journal, log and metrics: 1 to 63 lower-case letters,
	// digits and hyphens.
	ID string `yaml:"id"`
	// KeyHash is the hash of the client's API key: "hmac-sha256:" and the
	// HMAC-SHA-256 of the key under the pepper in 64 hex digits.
	KeyHash Secret `yaml:"key_hash"`
	// OldKeyHash is the hash of the key before, which stays good while the client
	// changes over. Remove it then.
	OldKeyHash Secret `yaml:"old_key_hash,omitempty"`
	// Operations are the ids of the services the client may use. There is no
	// "all": rights are given one by one.
	Operations []string `yaml:"operations"`
}

// KeyHashes are the hashes of all keys that are good for the client.
func (c *Client) KeyHashes() []string {
	out := []string{c.KeyHash.Reveal()}
	if c.OldKeyHash != "" {
		out = append(out, c.OldKeyHash.Reveal())
	}
	return out
}

// Limits bound what one caller of the API can make us do.
type Limits struct {
	// RequestBytes bounds the body of a request, 1024 to 16777216. Default 65536.
	RequestBytes int64 `yaml:"request_bytes"`
	// HeaderBytes bounds the head of a request, 1024 to 1048576. Default 16384.
	HeaderBytes int `yaml:"header_bytes"`
	// Connections bounds open connections. Default 1024.
	Connections int `yaml:"connections"`
	// HeaderTimeout is how long a caller may take to send the head of a request.
	// Default 5s.
	HeaderTimeout Duration `yaml:"header_timeout"`
	// ReadTimeout is how long he may take for the whole request. Default 15s.
	ReadTimeout Duration `yaml:"read_timeout"`
	// WriteTimeout is how long an answer may take, the exchange included; above
	// the longest timeout of the services. Default 60s.
	WriteTimeout Duration `yaml:"write_timeout"`
	// IdleTimeout closes connections without a request. Default 2m.
	IdleTimeout Duration `yaml:"idle_timeout"`
}

// Default is the settings of an empty file. They are not valid: mode, journal
// and services have to be given.
func Default() Config {
	return Config{
		Listen:  "127.0.0.1:8080",
		Log:     Log{Level: "info", Format: "json"},
		Signing: Signing{Timeout: Duration(10 * time.Second)},
		Trust:   Trust{Revocation: "soft", RevocationMaxAge: Duration(time.Hour), RevocationGrace: Duration(24 * time.Hour)},
		Journal: Journal{Retention: Duration(5 * 365 * 24 * time.Hour)},
		Limits: Limits{
			RequestBytes: 64 << 10, HeaderBytes: 16 << 10, Connections: 1024,
			HeaderTimeout: Duration(5 * time.Second), ReadTimeout: Duration(15 * time.Second),
			WriteTimeout: Duration(time.Minute), IdleTimeout: Duration(2 * time.Minute),
		},
	}
}

// IdentMode is Mode as the checks of identifiers take it. It is ident.Production
// for settings that were not validated.
func (c *Config) IdentMode() ident.Mode {
	m, err := ident.ParseMode(c.Mode)
	if err != nil {
		return ident.Production
	}
	return m
}

// AllowAddr is the rule of Outbound.AllowAddresses for transport.Options.
func (c *Config) AllowAddr() func(netip.Addr) bool {
	ranges, _ := c.Outbound.ranges() // validated
	switch {
	case len(ranges) > 0:
		return transport.Within(ranges...)
	case c.IdentMode() == ident.Mock:
		return func(a netip.Addr) bool { return a.Unmap().IsLoopback() || transport.Routable(a) }
	}
	return transport.Routable
}

func (o *Outbound) ranges() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range o.AllowAddresses {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
