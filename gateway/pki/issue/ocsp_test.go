package issue_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

// responder answers about certificates 7 (good), 8 (revoked) and no others.
func responder(t testing.TB, ca *authority, key crypto.Signer) issue.OCSP {
	t.Helper()
	return issue.OCSP{
		Issuer: ca.certificate, Key: key,
		Certificate: ca.issue(t, dated(issue.Template(issue.OCSPResponder, issue.Subject{CommonName: "OCSP RESPONDER"}, issue.Addresses{}), 3), key.Public()),
		Status: func(serial *big.Int) issue.OCSPStatus {
			switch serial.Int64() {
			case 7:
				return issue.OCSPStatus{Status: issue.Good}
			case 8:
				return issue.OCSPStatus{Status: issue.Revoked, Revoked: noon.Add(-time.Hour), Reason: 1}
			}
			return issue.OCSPStatus{Status: issue.Unknown}
		},
		ProducedAt: noon, ThisUpdate: noon.Add(-time.Minute), NextUpdate: noon.Add(time.Hour),
	}
}

func leaf(t testing.TB, ca *authority, serial int64) *x509.Certificate {
	t.Helper()
	return ca.issue(t, dated(issue.Template(issue.System, issue.Subject{CommonName: "ЖҮЙЕ"}, where), serial), pkitest.ECKey(t).Public())
}

func request(t testing.TB, c *x509.Certificate, ca *authority, h crypto.Hash) []byte {
	t.Helper()
	r, err := ocsp.CreateRequest(c, ca.certificate, &ocsp.RequestOptions{Hash: h})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOCSP: golang.org/x/crypto/ocsp understands every word, whoever answers
// and however the certificate is named.
func TestOCSP(t *testing.T) {
	t.Parallel()
	responderKeys := pkitest.Keys(t)
	for family, key := range pkitest.Keys(t) {
		if !known(family) {
			continue
		}
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t, key)
			delegated := responder(t, ca, responderKeys[family])
			itself := delegated
			itself.Certificate, itself.Key = nil, ca.key
			byKey := delegated
			byKey.ByKey, byKey.NextUpdate = true, time.Time{}
			for serial, want := range map[int64]int{7: ocsp.Good, 8: ocsp.Revoked, 9: ocsp.Unknown} {
				c := leaf(t, ca, serial)
				for name, o := range map[string]issue.OCSP{"delegated": delegated, "itself": itself, "by key": byKey} {
					for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512} {
						der, err := issue.OCSPResponse(request(t, c, ca, h), o)
						if err != nil {
							t.Fatal(err)
						}
						got, err := ocsp.ParseResponseForCert(der, c, ca.certificate)
						if err != nil {
							t.Errorf("%s, %s, serial %d: %v", name, h, serial, err)
							continue
						}
						if got.Status != want || !got.ProducedAt.Equal(noon) || !got.ThisUpdate.Equal(noon.Add(-time.Minute)) || !got.NextUpdate.Equal(o.NextUpdate) {
							t.Errorf("%s, %s, serial %d: %+v", name, h, serial, got)
						}
						if want == ocsp.Revoked && (got.RevocationReason != 1 || !got.RevokedAt.Equal(noon.Add(-time.Hour))) {
							t.Errorf("%s: revoked at %v for reason %d", name, got.RevokedAt, got.RevocationReason)
						}
						if byKey := o.ByKey; (got.ResponderKeyHash != nil) != byKey || (got.RawResponderName != nil) == byKey {
							t.Errorf("%s: the responder names itself %x, %x", name, got.ResponderKeyHash, got.RawResponderName)
						}
					}
				}
			}
		})
	}
}

// basic takes the signed part out of an answer.
func basic(t *testing.T, der []byte) *pki.Signed {
	t.Helper()
	var answer struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type     asn1.ObjectIdentifier
			Response []byte
		} `asn1:"explicit,tag:0"`
	}
	if rest, err := asn1.Unmarshal(der, &answer); err != nil || len(rest) > 0 || answer.Status != 0 {
		t.Fatalf("status %d: %v", answer.Status, err)
	}
	s, err := pki.ParseSigned(answer.Bytes.Response)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOCSPSignature checks the signature in every family.
func TestOCSPSignature(t *testing.T) {
	t.Parallel()
	responderKeys := pkitest.Keys(t)
	for family, key := range pkitest.Keys(t) {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t, key)
			o := responder(t, ca, responderKeys[family])
			der, err := issue.OCSPResponse(request(t, leaf(t, ca, 7), ca, crypto.SHA1), o)
			if err != nil {
				t.Fatal(err)
			}
			s := basic(t, der)
			if err := s.Check(o.Key.Public()); err != nil {
				t.Error(err)
			}
			if err := s.Check(ca.key.Public()); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("with the key of another: %v", err)
			}
			if !bytes.Contains(s.Rest, o.Certificate.Raw) {
				t.Error("the responder's certificate was not sent along")
			}
		})
	}
}

// TestOCSPOfAnotherIssuer: about the certificates of others nothing is known.
func TestOCSPOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t, pkitest.ECKey(t)), newAuthority(t, pkitest.ECKey(t)) // of the same name
	o := responder(t, ca, pkitest.ECKey(t))
	der, err := issue.OCSPResponse(request(t, leaf(t, other, 7), other, crypto.SHA1), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ocsp.ParseResponse(der, ca.certificate); err != nil || got.Status != ocsp.Unknown {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestOpenSSLAcceptsOCSP is a second opinion, on the nonce too.
func TestOpenSSLAcceptsOCSP(t *testing.T) {
	t.Parallel()
	responderKeys := pkitest.Keys(t)
	for family, key := range pkitest.Keys(t) {
		if !known(family) {
			continue
		}
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t, key)
			o := responder(t, ca, responderKeys[family])
			o.ProducedAt, o.ThisUpdate, o.NextUpdate = time.Now(), time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
			asPEM := func(c *x509.Certificate) []byte {
				return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
			}
			files := map[string][]byte{"ca.pem": asPEM(ca.certificate), "good.pem": asPEM(leaf(t, ca, 7)), "bad.pem": asPEM(leaf(t, ca, 8))}
			about := []string{"-issuer", "ca.pem", "-cert", "good.pem", "-cert", "bad.pem"}
			files["q.der"] = []byte(openssl(t, files, append([]string{"ocsp", "-nonce", "-reqout", "/dev/stdout"}, about...)...))
			var err error
			if files["a.der"], err = issue.OCSPResponse(files["q.der"], o); err != nil {
				t.Fatal(err)
			}
			args := []string{"ocsp", "-reqin", "q.der", "-respin", "a.der", "-CAfile", "ca.pem", "-resp_text"}
			out := openssl(t, files, args...)
			if !strings.Contains(out, "Response verify OK") || !strings.Contains(out, "Cert Status: good") || !strings.Contains(out, "Cert Status: revoked") || strings.Contains(out, "WARNING") {
				t.Error(out)
			}
			o.NoNonce = true
			if files["a.der"], err = issue.OCSPResponse(files["q.der"], o); err != nil {
				t.Fatal(err)
			}
			if out := openssl(t, files, args...); !strings.Contains(out, "WARNING: no nonce in response") {
				t.Errorf("the nonce was echoed all the same: %s", out)
			}
		})
	}
}

func TestOCSPRequestBounds(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, pkitest.ECKey(t))
	o := responder(t, ca, pkitest.ECKey(t))
	good := request(t, leaf(t, ca, 7), ca, crypto.SHA1)
	one := good[4:] // Request, behind the headers of OCSPRequest, TBSRequest and requestList
	one = one[2:]
	wrap := func(tag byte, b []byte) []byte {
		switch {
		case len(b) < 128:
			return append([]byte{tag, byte(len(b))}, b...)
		case len(b) < 256:
			return append([]byte{tag, 0x81, byte(len(b))}, b...)
		}
		return append([]byte{tag, 0x82, byte(len(b) >> 8), byte(len(b))}, b...)
	}
	requests := func(n int, extensions []byte) []byte {
		return wrap(0x30, wrap(0x30, append(wrap(0x30, bytes.Repeat(one, n)), extensions...)))
	}
	nonce := func(n int) []byte {
		value := wrap(4, wrap(4, make([]byte, n)))
		id := []byte{6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2}
		return wrap(0xa2, wrap(0x30, wrap(0x30, append(id, value...))))
	}
	for name, tt := range map[string]struct {
		request []byte
		fine    bool
	}{
		"one":                {good, true},
		"one, by hand":       {requests(1, nil), true},
		"as many as allowed": {requests(32, nil), true},
		"too many":           {requests(33, nil), false},
		"none":               {requests(0, nil), false},
		"nonce":              {requests(1, nonce(128)), true},
		"nonce too long":     {requests(1, nonce(129)), false},
		"extensions broken":  {requests(1, wrap(0xa2, []byte{0x30, 1})), false},
		"trailing bytes":     {append(bytes.Clone(good), 0), false},
		"cut":                {good[:len(good)-1], false},
		"too large":          {append(bytes.Clone(good), make([]byte, 16<<10)...), false},
		"empty":              {nil, false},
	} {
		der, err := issue.OCSPResponse(tt.request, o)
		if (err == nil) != tt.fine || err != nil && (!errors.Is(err, issue.ErrOCSPRequest) || der != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOCSPFailure(t *testing.T) {
	t.Parallel()
	for f, want := range map[issue.OCSPFailure]ocsp.ResponseStatus{
		issue.OCSPMalformed: ocsp.Malformed, issue.OCSPInternalError: ocsp.InternalError,
		issue.OCSPTryLater: ocsp.TryLater, issue.OCSPUnauthorized: ocsp.Unauthorized,
	} {
		_, err := ocsp.ParseResponse(f.Bytes(), nil)
		var e ocsp.ResponseError
		if !errors.As(err, &e) || e.Status != want {
			t.Errorf("%d: %v", f, err)
		}
	}
}

// FuzzOCSPRequest: what is answered is about what was asked, as another reader
// of requests sees it.
func FuzzOCSPRequest(f *testing.F) {
	ca := newAuthority(f, pkitest.ECKey(f))
	o := responder(f, ca, pkitest.ECKey(f))
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		f.Add(request(f, leaf(f, ca, 7), ca, h))
	}
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := issue.OCSPResponse(in, o)
		if err != nil {
			if !errors.Is(err, issue.ErrOCSPRequest) || out != nil {
				t.Fatalf("refused otherwise: %v", err)
			}
			return
		}
		s := basic(t, out)
		if err := s.Check(o.Key.Public()); err != nil {
			t.Fatal(err)
		}
		asked, err := ocsp.ParseRequest(in)
		if err != nil {
			return // it knows four digests and strict identifiers only
		}
		got, err := ocsp.ParseResponse(out, ca.certificate)
		if err == nil && got.SerialNumber.Cmp(asked.SerialNumber) != 0 {
			t.Fatalf("asked about %x, answered about %x", asked.SerialNumber, got.SerialNumber)
		}
	})
}
