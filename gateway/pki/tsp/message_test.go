package tsp_test

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

func TestRequestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &tsp.Request{Imprint: tsp.Imprint{Digest: oidSHA256, Sum: rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "sum")}}
		r.CertReq = rapid.Bool().Draw(t, "certReq")
		if rapid.Bool().Draw(t, "policy") {
			r.Policy = oidPolicy
		}
		if rapid.Bool().Draw(t, "nonce") {
			r.Nonce = big.NewInt(rapid.Int64().Draw(t, "n"))
		}
		b, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := tsp.ParseRequest(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := got.Marshal()
		if err != nil || !bytes.Equal(again, b) || got.CertReq != r.CertReq || !got.Policy.Equal(r.Policy) || !bytes.Equal(got.Imprint.Sum, r.Imprint.Sum) {
			t.Fatalf("%x came back as %x: %v", b, again, err)
		}
	})
}

func TestNewRequest(t *testing.T) {
	t.Parallel()
	i := imprint(t, oidSHA256, document)
	a, b := tsp.NewRequest(i), tsp.NewRequest(i)
	if a.Nonce.Cmp(b.Nonce) == 0 || !a.CertReq {
		t.Error("the nonce is not fresh, or the certificate not asked for")
	}
	for _, digest := range []asn1.ObjectIdentifier{oidSHA1, oidOther} {
		var e *pki.AlgorithmError
		if _, err := tsp.NewImprint(digest, document); !errors.As(err, &e) {
			t.Errorf("%s: %v", digest, err)
		}
	}
}

func TestRespondRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	marshal := func(change func(*tsp.Request)) []byte {
		r := tsp.NewRequest(imprint(t, oidSHA256, document))
		change(r)
		b, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good := marshal(func(*tsp.Request) {})
	for _, tt := range []struct {
		name    string
		query   []byte
		failure tsp.Failure
	}{
		{"nothing", nil, tsp.BadDataFormat},
		{"text", []byte("text"), tsp.BadDataFormat},
		{"bytes behind it", append(bytes.Clone(good), 0), tsp.BadDataFormat},
		{"an endless one", bytes.Repeat(good, 1000), tsp.BadDataFormat},
		{"version 2", bytes.Replace(good, []byte{2, 1, 1}, []byte{2, 1, 2}, 1), tsp.BadDataFormat},
		{"a digest cut short", marshal(func(r *tsp.Request) { r.Imprint.Sum = r.Imprint.Sum[1:] }), tsp.BadDataFormat},
		{"SHA-1", marshal(func(r *tsp.Request) { r.Imprint = tsp.Imprint{Digest: oidSHA1, Sum: make([]byte, 20)} }), tsp.BadAlg},
		{"unknown digest", marshal(func(r *tsp.Request) { r.Imprint.Digest = oidOther }), tsp.BadAlg},
		{"another policy", marshal(func(r *tsp.Request) { r.Policy = oidOther }), tsp.UnacceptedPolicy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := w.Respond(tt.query, big.NewInt(1), pkitest.Now())
			if err != nil {
				t.Fatal(err)
			}
			_, err = tsp.ParseResponse(out)
			if !errors.Is(err, tsp.Rejection) || !errors.Is(err, tt.failure) {
				t.Errorf("want %v, got %v", tt.failure, err)
			}
		})
	}
	for name, a := range map[string]*tsp.Authority{
		"no policy":   {Key: w.Key, Certificate: w.Certificate},
		"another key": {Key: pkitest.ECKey(t), Certificate: w.Certificate, Policy: oidPolicy},
	} {
		if _, err := a.Respond(good, big.NewInt(1), pkitest.Now()); err == nil {
			t.Errorf("%s: an answer", name)
		}
	}
	if _, err := w.Respond(good, nil, pkitest.Now()); err == nil {
		t.Error("no serial number: an answer")
	}
}

// TestStatuses holds that every status and every failure is told apart.
func TestStatuses(t *testing.T) {
	t.Parallel()
	statuses := []tsp.Status{tsp.Rejection, tsp.Waiting, tsp.RevocationWarning, tsp.RevocationNotification, tsp.Status(9)}
	failures := []tsp.Failure{
		tsp.BadAlg, tsp.BadRequest, tsp.BadDataFormat, tsp.TimeNotAvailable, tsp.UnacceptedPolicy,
		tsp.UnacceptedExtension, tsp.AddInfoNotAvailable, tsp.SystemFailure,
	}
	texts := map[string]bool{}
	for _, s := range statuses {
		for i := range failures {
			sent := []tsp.Failure{failures[i], failures[(i+3)%len(failures)]}
			out, err := tsp.Refusal(s, sent...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = tsp.ParseResponse(out)
			texts[err.Error()] = true
			for _, other := range statuses {
				if errors.Is(err, other) != (other == s) {
					t.Errorf("%v is taken for %v", err, other)
				}
			}
			for _, f := range failures {
				if errors.Is(err, f) != slices.Contains(sent, f) {
					t.Errorf("%v is wrong about %v", err, f)
				}
			}
		}
	}
	if len(texts) != len(statuses)*len(failures) {
		t.Errorf("%d texts for %d answers", len(texts), len(statuses)*len(failures))
	}
}
