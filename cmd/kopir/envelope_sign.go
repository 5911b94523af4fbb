package main

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

type envelopeSign struct {
	Key  string `help:"Private key (PEM or PKCS#12); readable by its owner only." required:"" placeholder:"FILE" type:"existingfile"`
	Cert string `help:"Certificate of the key; default the one beside it in its file." placeholder:"FILE" type:"existingfile"`
	passwordFlags
	Enveloped bool   `help:"Sign the document as a whole (business data) instead of a SOAP Body."`
	KeyInfo   string `name:"keyinfo" help:"How the certificate is named: ${enum}." enum:"keyIdentifier,issuerSerial,binarySecurityToken,x509Data" default:"keyIdentifier"`
	ID        string `name:"id" help:"How the Body carries its Id: ${enum}." enum:"wsu,plain,both" default:"wsu"`
	File      string `arg:"" help:"File to read, - for standard input."`
}

// Run signs and writes the signed message.
func (c *envelopeSign) Run(ctx context.Context, s streams) error {
	signer, err := c.signer(s)
	if err != nil {
		return usage(err)
	}
	message, err := readInput(c.File, s.in, xmltext.DefaultBytes)
	if err != nil {
		return usage(err)
	}
	var out []byte
	if c.Enveloped {
		out, err = xmldsig.SignEnveloped(ctx, message, signer)
	} else {
		out, err = wsse.SignBody(ctx, message, signer, wsse.SignOptions{ID: wsse.IDStyle(c.ID), KeyInfo: wsse.KeyInfo(c.KeyInfo)})
	}
	var e *xmldsig.Error
	if errors.As(err, &e) {
		return &exit{exitRefused, err.Error()}
	}
	if err != nil {
		return err
	}
	_, err = s.out.Write(out)
	return err
}

func (c *envelopeSign) signer(s streams) (xmldsig.Signer, error) {
	if c.PasswordStdin && c.File == "-" {
		return nil, errors.New("standard input cannot hold both the password and the message")
	}
	id, err := c.keystores(s).identity(c.Key, s.err)
	if err != nil {
		return nil, err
	}
	cert, err := c.certificate(id)
	if err != nil {
		return nil, err
	}
	return xmldsig.NewSigner(id.Key, cert.Raw)
}

func (c *envelopeSign) certificate(id *pki.Identity) (*x509.Certificate, error) {
	if c.Cert == "" {
		if id.Certificate == nil {
			return nil, errors.New("the file of the key holds no certificate of it: --cert names one")
		}
		return id.Certificate, nil
	}
	certs, err := pki.LoadCertificates(c.Cert)
	if err != nil {
		return nil, err
	}
	if !pki.SameKey(certs[0].PublicKey, id.Key.Public()) {
		return nil, errors.New("the certificate is not the key's")
	}
	return certs[0], nil
}
