package main

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/wsse"
)

// revocationSkew is by how much the clocks of responders may differ from ours: as
// much as those of messages.
const revocationSkew = wsse.DefaultSkew

// loadRevoker makes what knows which certificates are revoked. Without more than
// lists in files it never asks anybody. network is nil if there is no need of one.
func loadRevoker(cfg *config.Config, authorities []*x509.Certificate, log *slog.Logger) (r pki.Revoker, network *http.Transport, err error) {
	t := &cfg.Trust
	files, err := loadLists(t.CRLs)
	if err != nil {
		return nil, nil, err
	}
	lists := revocation.NewLists(authorities, files...)
	if n := lists.Unexplained(); n > 0 {
		return nil, nil, fmt.Errorf("trust.crls: %d of the lists are signed by no configured authority", n)
	}
	fetches := len(t.OCSP) > 0 || len(t.CRLURLs) > 0 || t.RevocationFromCertificates
	if t.CRLFolder == "" && !fetches {
		return lists, nil, nil
	}
	o := revocation.Options{
		Authorities: authorities, Static: lists, URLs: t.CRLURLs, Folder: t.CRLFolder, FromCertificates: t.RevocationFromCertificates,
		CacheDir: t.RevocationCache, MaxAge: t.RevocationMaxAge.Std(), Grace: t.RevocationGrace.Std(), Skew: revocationSkew, Log: log,
	}
	for i, p := range t.OCSP {
		responder, err := loadResponder(p)
		if err != nil {
			return nil, nil, fmt.Errorf("trust.ocsp[%d]: %w", i, err)
		}
		o.Responders = append(o.Responders, responder)
	}
	if fetches {
		if network, err = revocationNetwork(cfg); err != nil {
			return nil, nil, err
		}
		o.Network = network
	}
	checker, err := revocation.New(o)
	if err != nil {
		return nil, nil, fmt.Errorf("trust: %w", err)
	}
	return checker, network, nil
}

func loadLists(files []string) (out []*crl.List, err error) {
	for _, f := range files {
		l, err := crl.Load(f)
		if err != nil {
			return nil, err
		}
		out = append(out, l...)
	}
	return out, nil
}

func loadResponder(p config.Responder) (revocation.Responder, error) {
	r := revocation.Responder{URL: p.URL, RequireNonce: p.RequireNonce}
	r.Issuer, _ = pki.ParseName(p.Issuer) // validated
	switch p.Hash {
	case "sha256":
		r.Hash = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	case "gost34311":
		r.Hash = asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 3, 1}
	}
	if p.CertificateFile == "" {
		return r, nil
	}
	certs, err := pki.LoadCertificates(p.CertificateFile)
	if err != nil {
		return r, err
	}
	r.Certificate = certs[0]
	return r, nil
}

// revocationNetwork goes where registries are reached, under the same rules, but
// shows nobody our certificate.
func revocationNetwork(cfg *config.Config) (*http.Transport, error) {
	conf, err := outboundTLS(cfg)
	if err != nil {
		return nil, err
	}
	conf.Certificates = nil
	return transport.NewNetwork(transport.Options{Name: "revocation", TLS: conf, AllowAddr: cfg.AllowAddr()})
}
