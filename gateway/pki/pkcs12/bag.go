package pkcs12

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"unicode/utf16"
)

// Types of bags, of certificates and of attributes (RFC 7292, sections 4.2 and
// 4.2.3; RFC 2985).
//
//nolint:gochecknoglobals // constants
var (
	oidKeyBag          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	oidShroudedKeyBag  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidCertBag         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
	oidSafeContentsBag = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 6}
	oidX509            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}
	oidFriendlyName    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}
	oidLocalKeyID      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 21}
)

// safeBag is SafeBag (RFC 7292, section 4.2).
type safeBag struct {
	Type       asn1.ObjectIdentifier
	Value      asn1.RawValue `asn1:"tag:0,explicit"`
	Attributes []attribute   `asn1:"set,optional"`
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// contents reads SafeContents. Nothing of the store points into der, which is
// overwritten.
func (d *decoder) contents(der []byte, depth int) error {
	if depth > d.limits.Depth {
		return refuse(TooDeep, "bags are nested in more than %d others", d.limits.Depth)
	}
	var bags []safeBag
	if err := parse(der, &bags); err != nil {
		return err
	}
	for _, b := range bags {
		if err := d.count(); err != nil {
			return err
		}
		if err := d.bag(b, depth); err != nil {
			return err
		}
	}
	return nil
}

// bag reads one bag. What is neither key nor X.509 certificate is passed over.
func (d *decoder) bag(b safeBag, depth int) error {
	value := b.Value.Bytes
	switch {
	case b.Type.Equal(oidKeyBag):
		return d.key(bytes.Clone(value), b.Attributes)
	case b.Type.Equal(oidShroudedKeyBag):
		var e struct { // EncryptedPrivateKeyInfo
			Algorithm pkix.AlgorithmIdentifier
			Text      []byte
		}
		if err := parse(value, &e); err != nil {
			return err
		}
		plain, err := d.decrypt(e.Algorithm, e.Text)
		if err != nil {
			return err
		}
		return d.key(plain, b.Attributes)
	case b.Type.Equal(oidCertBag):
		var c struct { // CertBag
			Type  asn1.ObjectIdentifier
			Value asn1.RawValue `asn1:"tag:0,explicit"`
		}
		if err := parse(value, &c); err != nil {
			return err
		}
		if !c.Type.Equal(oidX509) {
			return nil
		}
		return d.certificate(c.Value.Bytes, b.Attributes)
	case b.Type.Equal(oidSafeContentsBag):
		return d.contents(value, depth+1)
	}
	return nil
}

// key takes a decrypted key into the store, or overwrites it.
func (d *decoder) key(plain []byte, list []attribute) error {
	der, err := toDER(plain)
	if err != nil {
		clear(plain)
		return err
	}
	if &der[0] != &plain[0] {
		clear(plain)
	}
	// In the store it is overwritten whatever fails.
	d.store.Keys = append(d.store.Keys, Key{PKCS8: der})
	k := &d.store.Keys[len(d.store.Keys)-1]
	var shape struct { // PrivateKeyInfo
		Version    int
		Algorithm  pkix.AlgorithmIdentifier
		PrivateKey asn1.RawValue // no []byte, which would be a copy
	}
	if err := parse(der, &shape); err != nil {
		return err
	}
	if p := shape.PrivateKey; p.Class != asn1.ClassUniversal || p.Tag != asn1.TagOctetString {
		return refuse(Damaged, "a private key is not in an OCTET STRING")
	}
	k.Attributes, err = attributes(list)
	return err
}

// certificate takes a certificate into the store.
func (d *decoder) certificate(value []byte, list []attribute) error {
	var der []byte // a copy
	if err := parse(value, &der); err != nil {
		return err
	}
	var whole asn1.RawValue
	if err := parse(der, &whole); err != nil {
		return err
	}
	if whole.Class != asn1.ClassUniversal || whole.Tag != asn1.TagSequence {
		return refuse(Damaged, "a certificate is not a SEQUENCE")
	}
	names, err := attributes(list)
	d.store.Certificates = append(d.store.Certificates, Certificate{der, names})
	return err
}

// attributes reads the two that matter here.
func attributes(list []attribute) (names Attributes, err error) {
	name, err := single(list, oidFriendlyName)
	if err == nil && name != nil {
		names.FriendlyName, err = bmpText(name)
	}
	if err != nil {
		return names, err
	}
	id, err := single(list, oidLocalKeyID)
	if err == nil && id != nil {
		err = parse(id.FullBytes, &names.LocalKeyID)
	}
	return names, err
}

// single finds the one value of an attribute, or nil if it is absent.
func single(list []attribute, kind asn1.ObjectIdentifier) (found *asn1.RawValue, err error) {
	for _, a := range list {
		if !a.Type.Equal(kind) {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil, refuse(Damaged, "an attribute has not one value")
		}
		found = &a.Values[0]
	}
	return found, nil
}

// bmpText reads a BMPString. encoding/asn1 refuses in it characters beyond the
// first plane, which Java writes as surrogates.
func bmpText(v *asn1.RawValue) (string, error) {
	if v.Class != asn1.ClassUniversal || v.Tag != asn1.TagBMPString || len(v.Bytes)%2 != 0 {
		return "", refuse(Damaged, "a name is not a BMPString")
	}
	units := make([]uint16, len(v.Bytes)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(v.Bytes[2*i:])
	}
	return string(utf16.Decode(units)), nil
}
