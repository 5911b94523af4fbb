// Package mocks is the offline world: ШЭП and the registries behind it, with
// people, keys and faults of their own. Nothing in it is real and nothing of it
// may be mistaken for the state: people are synthetic, certificates are
// throw-away, and every answer carries the header X-Kopir-Mock.
//
// One engine has several faces. [Start] makes a world; [World.RoundTripper]
// speaks to it inside the process without a socket, also under testing/synctest;
// [World.Listen] serves it on this machine; [World.Arm] bends its answers;
// everything a person would click is under /mock/ over HTTP (see [World.Handler]).
//
// The mocks read and write the wire from the contract on their own and import
// no adapter. They share with the gateway only what has foreign test vectors:
// the strict XML reader and the signature code.
package mocks

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/kopir-kz/kopir/gateway/ident"
	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/life"
	"github.com/kopir-kz/kopir/mocks/registries/addressobject"
	"github.com/kopir-kz/kopir/mocks/registries/bankaccount"
	"github.com/kopir-kz/kopir/mocks/registries/civilregistry"
	"github.com/kopir-kz/kopir/mocks/registries/guardianship"
	"github.com/kopir-kz/kopir/mocks/registries/labour"
	"github.com/kopir-kz/kopir/mocks/registries/legalentity"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/registries/taxpayer"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// ErrNotMock is the refusal to start anywhere but in a mock set-up.
var ErrNotMock = errors.New("mocks: the offline world refuses to start: the mode is not \"mock\". Its answers are invented; in production or on a test stand they would be taken for facts")

// Options of a world. The zero value is strict, signed and usable.
type Options struct {
	Mode   string                 // "" or "mock"; every other mode is refused with ErrNotMock
	Clock  func() time.Time       // default time.Now
	Suite  pki.Suite              // of everybody's keys; default the first of pki.Suites
	PKI    *pki.PKI               // default a new one; worlds may share one, for RSA keys are slow to make
	People *population.Population // default those of the files, as of the clock

	// SenderPassword is what sender/password must say; "" asks for none.
	SenderPassword string

	KeyInfo      wsse.KeyInfo  // of signed answers; default issuer and serial, as ШЭП has it
	ID           wsse.IDStyle  // of signed answers; default wsu:Id
	Carrier      shep.Carrier  // of the registry's data; default that of the registry's contract: shep.Self for ГБД ФЛ
	UnsignedData bool          // the registry does not sign its data
	PadAnswer    int           // about how many bytes an answer about one person shall have at least, for benchmarks
	Skew         time.Duration // tolerance for messageDate; default 5 minutes

	// Tap is handed every message and its answer as they are on the wire; nil for
	// nobody. See shep.Options.
	Tap func(shep.Messages)
	// Lenient answers also those it would refuse, and says so in every answer
	// (shep.LenientHeader).
	Lenient bool
	// AllowRemote lets Listen bind to addresses of other than this machine.
	AllowRemote bool
	// TLS makes Listen speak HTTPS.
	TLS TLS
	// Listen is an address to listen on from the start, as World.Listen does
	// it later. Certificates made afterwards say where to ask about them.
	Listen string
}

// TLS says with which certificate Listen speaks HTTPS, if at all.
type TLS string

// The values of Options.TLS.
const (
	Plain     TLS = ""           // HTTP
	Trusted   TLS = "trusted"    // a certificate for localhost from this world's authority
	UnknownCA TLS = "unknown-ca" // one from an authority that nobody trusts
)

// SenderID is the system registered with ШЭП: the one that holds the client
// certificate of the PKI.
const SenderID = "kopir-mock"

// Consent tokens that ГБД ФЛ knows, for any person. Real ones are for one
// person each.
const (
	ConsentToken        = "MOCK-CONSENT-VALID"
	ConsentTokenExpired = "MOCK-CONSENT-EXPIRED"
	ConsentTokenOther   = "MOCK-CONSENT-OTHER-SERVICE"
	ConsentPublicKey    = "MOCK-CONSENT-PUBLIC-KEY"
)

// World is one offline world. It is safe for concurrent use.
type World struct {
	PKI    *pki.PKI
	People *life.Store // the people, and what happens to them
	Sender shep.Sender // the gateway's registration with ШЭП

	// Authority answers about certificates; it can be told to fail.
	Authority *pki.Services

	o       Options
	armory  faults.Armory
	shep    *shep.Server
	handler http.Handler
	offset  atomic.Int64 // of the clock, in nanoseconds
	canary  atomic.Int64
	serving serving
}

// Start makes a world. Unless it is told to listen, it opens no socket and
// starts no goroutine.
func Start(o Options) (*World, error) {
	if o.Mode != "" && o.Mode != ident.Mock.String() {
		return nil, ErrNotMock
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	w := &World{PKI: o.PKI, o: o}
	var l net.Listener
	if o.Listen != "" { // before any certificate is made: they name the URL
		var err error
		if l, err = w.bind(o.Listen); err != nil {
			return nil, err
		}
	}
	err := w.open()
	if err == nil && l != nil {
		err = w.serve(l)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// open makes what the world consists of.
func (w *World) open() error {
	if err := w.furnish(); err != nil {
		return err
	}
	o := w.o
	trust, err := w.trust()
	if err != nil {
		return err
	}
	client, err := w.PKI.Identity(pki.Client)
	if err != nil {
		return err
	}
	w.Sender = shep.Sender{ID: SenderID, Password: o.SenderPassword, BIN: shep.BIN(client.Certificate)}
	w.shep = shep.New(shep.Options{
		PKI: w.PKI, Trust: trust, Senders: []shep.Sender{w.Sender}, Services: w.services(),
		Clock: w.Now, NewID: uuid.NewString, Faults: w.strikes,
		KeyInfo: o.KeyInfo, ID: o.ID, Skew: o.Skew, Lenient: o.Lenient, Tap: o.Tap,
	})
	w.Authority = w.PKI.Services(w.Now)
	w.handler = w.routes()
	return nil
}

// pathPKI is where the authority's services are.
const pathPKI = "/mock/pki"

// furnish makes what the options did not bring.
func (w *World) furnish() (err error) {
	people := w.o.People
	if people == nil {
		if people, err = population.Load(w.o.Clock()); err != nil {
			return fmt.Errorf("mocks: %w", err)
		}
	}
	w.People = life.New(people, w.Now)
	if w.PKI == nil {
		w.PKI, err = pki.New(pki.Options{Clock: w.o.Clock, Suite: w.o.Suite, URL: w.URL() + pathPKI})
	}
	return err
}

// trust is what ШЭП knows about its callers.
func (w *World) trust() (*gatewaypki.Store, error) {
	client, err := w.PKI.Identity(pki.Client)
	if err != nil {
		return nil, err
	}
	lists, err := crl.ParseAll(w.PKI.CRLPEM())
	if err != nil {
		return nil, err
	}
	return gatewaypki.NewStore(gatewaypki.Options{
		Roots:         w.PKI.Roots(),
		Intermediates: w.PKI.Intermediates(),
		Known:         append(w.PKI.Intermediates()[:0:0], client.Certificate),
		Revocation:    gatewaypki.RevocationSoft,
		Revoker:       revocation.NewLists(append(w.PKI.Roots(), w.PKI.Intermediates()...), lists...),
	}), nil
}

func (w *World) services() map[string]shep.Service {
	service := func(token bool) shep.Service {
		return shep.Service{
			Registry: &person.Registry{People: w.People, Token: token, Consents: w.consents(), Pad: w.pad()},
			Carrier:  w.o.Carrier,
			Unsigned: w.o.UnsignedData,
		}
	}
	all := map[string]shep.Service{
		person.ServiceUniversal: service(false),
		person.ServiceToken:     service(true),

		civilregistry.Service:       {Registry: &civilregistry.Registry{People: w.People}, Owner: pki.Owner("ZAGS"), Carrier: w.o.Carrier, Unsigned: w.o.UnsignedData},
		bankaccount.Service:         {Registry: &bankaccount.Registry{People: w.People}, Owner: pki.Owner("PEP"), Carrier: shep.Child, Unsigned: w.o.UnsignedData},
		legalentity.Service:         {Registry: &legalentity.Registry{People: w.People}, Owner: pki.Owner("GBDUL"), Carrier: shep.String, Unsigned: w.o.UnsignedData, SignedInside: true},
		taxpayer.Service:            {Registry: &taxpayer.Registry{People: w.People}, Owner: pki.Owner("KGD"), Carrier: shep.String, Unsigned: w.o.UnsignedData, Clone: shep.TaxSpace},
		addressobject.Service:       {Registry: &addressobject.Registry{People: w.People}, Owner: pki.Owner("AR"), Carrier: w.o.Carrier, Unsigned: w.o.UnsignedData},
		guardianship.Service:        {Registry: &guardianship.Registry{People: w.People}, Owner: pki.Owner("AKIMAT"), Carrier: cmp.Or(w.o.Carrier, shep.Child), Unsigned: w.o.UnsignedData},
		guardianship.ServiceTrustee: {Registry: &guardianship.Trustees{People: w.People}, Owner: pki.Owner("MON"), Carrier: cmp.Or(w.o.Carrier, shep.Child), Unsigned: w.o.UnsignedData},
	}
	for id, registry := range labour.Registries(w.People) {
		all[id] = shep.Service{Registry: registry, Owner: pki.Owner("MTSZN"), Carrier: cmp.Or(w.o.Carrier, shep.Child), Unsigned: w.o.UnsignedData}
	}
	return all
}

// Bytes of an answer beside the record of the person.
const (
	envelopeBytes  = 3200 // envelope with its signature, and the head of the data
	innerSignature = 2130 // the registry's signature with its certificate
)

// pad is how long the record of a person must be for an answer of the wanted
// length.
func (w *World) pad() int {
	if w.o.UnsignedData {
		return max(0, w.o.PadAnswer-envelopeBytes)
	}
	return max(0, w.o.PadAnswer-envelopeBytes-innerSignature)
}

func (w *World) consents() []person.Consent {
	return []person.Consent{
		{Token: ConsentToken, PublicKey: ConsentPublicKey, Service: person.ServiceToken},
		{Token: ConsentTokenExpired, PublicKey: ConsentPublicKey, Service: person.ServiceToken, Until: w.o.Clock().Add(-time.Hour)},
		{Token: ConsentTokenOther, PublicKey: ConsentPublicKey, Service: "MCDB_SERVICE"},
	}
}

// Services lists the services of ШЭП that a gateway can ask, in ascending
// order.
func (w *World) Services() []string {
	var ids []string
	for id := range w.services() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Now is the clock of the world.
func (w *World) Now() time.Time { return w.o.Clock().Add(time.Duration(w.offset.Load())) }

// SetClock moves the clock of the world to t, from where it runs on. Validity
// of certificates, consents and dates follow it; the people stay as they are.
func (w *World) SetClock(t time.Time) { w.offset.Store(int64(t.Sub(w.o.Clock()))) }

// ResetClock lets the clock of the world show its source's time again.
func (w *World) ResetClock() { w.offset.Store(0) }

// strikes gives the armed faults of a service, and the one that a person is
// made for.
func (w *World) strikes(service, own string) []shep.Stages {
	stages := w.armory.Take(service)
	if f, ok := faults.Find(own); ok {
		stages = append(stages, f.Stages)
	}
	return stages
}

// Arm makes a fault of the catalogue strike; see faults.Armory.
func (w *World) Arm(a faults.Arming) error { return w.armory.Arm(a) }

// Clear disarms a fault on all services; the id "" disarms everything.
func (w *World) Clear(id string) { w.armory.Clear(id) }

// Armed lists the armed faults with their hits.
func (w *World) Armed() []faults.Armed { return w.armory.List() }

// Received lists the latest messages to ШЭП with the verdict of every check.
func (w *World) Received() []shep.Received { return w.shep.Received() }

// Forget empties the list of received messages, the memory of their ids, and
// the count of canary visits.
func (w *World) Forget() {
	w.shep.Forget()
	w.canary.Store(0)
}

// CanaryVisits counts the requests to the canary: whoever asks for it followed
// a redirect or fetched an entity.
func (w *World) CanaryVisits() int { return int(w.canary.Load()) }

// Handler serves ШЭП under shep.Path and the management of the world under
// /mock/. Some faults take over the connection, so it needs a real HTTP/1.1
// server around it; httptest.ResponseRecorder is none.
func (w *World) Handler() http.Handler { return w.handler }
