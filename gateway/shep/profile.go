package shep

// Profile is everything that may differ between two services behind the
// e-government gateway, as one YAML document per registry operation. A new
// service of a known shape needs a profile and an adapter, nothing else.
//
// A field that is absent takes the value of the embedded profile with the same
// id and then of profiles/defaults.yaml; see [Profile.WithDefaults]. The
// defaults named below are those of profiles/defaults.yaml.
type Profile struct {
	// ID is the operation this profile serves, e.g. "person.search".
	ID string `yaml:"id"`
	// Registry is the short name of the registry in contracts/glossary.md, e.g.
	// "GBDFL". It names the registry in metrics, logs and problem documents.
	Registry string `yaml:"registry"`

	// Endpoint is the absolute http or https URL of the sync channel. Plain
	// http is what the state network and its VPN use; outside use https.
	Endpoint string `yaml:"endpoint"`
	// ServiceID is the interaction id in the service register of ШЭП
	// (requestInfo/serviceId).
	ServiceID string `yaml:"service_id"`
	// RouteID is requestInfo/routeId; empty leaves the element out.
	RouteID string `yaml:"route_id,omitempty"`
	// SenderID is sender/senderId, given by the operator of ШЭП.
	SenderID string `yaml:"sender_id"`
	// SenderPasswordFile is the path of a file whose trimmed content is
	// sender/password; empty leaves the element out.
	SenderPasswordFile string `yaml:"sender_password_file,omitempty"`
	// SenderCode identifies our system inside the registry's payload; the
	// registry gives it when the interaction rules are agreed. May be empty.
	SenderCode string `yaml:"sender_code,omitempty"`
	// Properties are requestInfo/properties in the order written: keys of at
	// most 30, values of at most 500 characters.
	Properties []Property `yaml:"properties,omitempty"`

	Envelope EnvelopeProfile `yaml:"envelope"`
	Inner    InnerProfile    `yaml:"inner"`
	Data     DataProfile     `yaml:"data"`
	Answer   AnswerProfile   `yaml:"answer"`

	// Status reads responseInfo/status/code.
	Status Codes `yaml:"status"`
	// Payload reads the code inside the registry's own answer, if it has one.
	Payload PayloadCodes `yaml:"payload"`
	// Faults reads errorCode in the detail of a SOAP Fault. The fields success
	// and not_found have no place here: a Fault is never data.
	Faults Codes `yaml:"faults"`

	// ConsentRequired demands a consent token and its public key in every
	// request. Default false.
	ConsentRequired bool `yaml:"consent_required,omitempty"`

	// Timeout bounds one request with all its attempts. Default 30s.
	Timeout Duration `yaml:"timeout"`
	// AttemptTimeout bounds one attempt; at most Timeout. Default 10s.
	AttemptTimeout Duration `yaml:"attempt_timeout"`
	// MaxAttempts counts the first attempt too; 1 switches retries off.
	// Default 3.
	MaxAttempts int `yaml:"max_attempts"`
	// RetryAfterCap is the longest Retry-After that is waited for. Default 10s.
	RetryAfterCap Duration `yaml:"retry_after_cap"`
	// MaxConcurrent bounds the requests under way at once. Default 32.
	MaxConcurrent int `yaml:"max_concurrent"`
	// QueueTimeout bounds the wait for a free place; at most Timeout.
	// Default 1s.
	QueueTimeout Duration `yaml:"queue_timeout"`
	// MaxAnswerBytes bounds an answer, after any decompression. Default
	// 4194304.
	MaxAnswerBytes int64 `yaml:"max_answer_bytes"`
	// Breaker says when the registry counts as down.
	Breaker BreakerProfile `yaml:"breaker"`
}

// Property is one requestInfo/properties element.
type Property struct {
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

// EnvelopeProfile is how our own envelope looks and is signed.
type EnvelopeProfile struct {
	// Wrapper is the namespace of SendMessage: that of the channel, or that of
	// the tax system's clone of it, which knows no route_id and no properties.
	// Default http://bip.bee.kz/SyncChannel/v10/Types.
	Wrapper string `yaml:"wrapper"`
	// Signature is "sign" or "none". Default sign. Some services take calls
	// without any signature on a URL of their own.
	Signature string `yaml:"signature"`
	// IDStyle is how the Body carries its Id: "wsu" (wsu:Id="id-UUID"),
	// "plain" (Id="UUID") or "both" (wsse:Id and wsu:Id). Default wsu.
	IDStyle string `yaml:"id_style"`
	// KeyInfo is how the certificate travels: "keyIdentifier",
	// "issuerSerial", "binarySecurityToken" or "x509Data". Default
	// keyIdentifier.
	KeyInfo string `yaml:"key_info"`
}

// The values of EnvelopeProfile.Signature.
const (
	Sign        = "sign"
	NoSignature = "none"
)

// InnerProfile is the business-data signature of our own payload.
type InnerProfile struct {
	// Carrier is "none", or how the signed payload travels: "inline", "string"
	// or "cdata". Default none.
	Carrier string `yaml:"carrier"`
}

// The values of InnerProfile.Carrier and DataProfile.Form.
const (
	None   = "none"   // no inner signature
	Inline = "inline" // the payload's root is the child of data
	Typed  = "typed"  // data has the type of the payload's root and holds its fields
	String = "string" // data is an xs:string with the escaped payload
	CDATA  = "cdata"  // data is an xs:string with the payload in CDATA
)

// DataProfile is the shape of the data element.
type DataProfile struct {
	// Form is how an unsigned payload travels: "inline", "typed", "string" or
	// "cdata". Default inline. With an inner signature its carrier decides
	// instead.
	Form string `yaml:"form"`
	// TypeSpace and TypeName are the expanded name of the xsi:type that data has
	// in the form "typed".
	TypeSpace string `yaml:"type_space,omitempty"`
	TypeName  string `yaml:"type_name,omitempty"`
	// Root is which element of the answer is the payload: "child" (the one
	// child of data), "data" (data itself) or "auto". Default auto: the child
	// if there is one only and data has no xsi:type, else data itself. Text
	// inside data is always read as a document of its own.
	Root string `yaml:"root"`
	// Empty is what a successful answer without payload means: "not_found" or
	// "violation" of the contract. Default violation.
	Empty string `yaml:"empty"`
}

// The values of DataProfile.Root and DataProfile.Empty.
const (
	RootAuto       = "auto"
	RootChild      = "child"
	RootData       = "data"
	EmptyNotFound  = "not_found"
	EmptyViolation = "violation"
)

// Policy is what an answer must have of some proof.
type Policy string

// The policies.
const (
	Require Policy = "require" // absent: the answer is refused
	Accept  Policy = "accept"  // absent is fine; present it must hold
	Ignore  Policy = "ignore"  // not looked at
)

// AnswerProfile is what is demanded of an answer.
type AnswerProfile struct {
	// Envelope is the policy for the WS-Security signature. Default require.
	Envelope Policy `yaml:"envelope"`
	// Inner is the policy for the business-data signature of a successful
	// answer. Default accept.
	Inner Policy `yaml:"inner"`
	// Signer and InnerSigner pin the subject of the signing certificate, e.g.
	// "CN=SHEP"; empty allows every certificate that the trust settings allow.
	Signer      string `yaml:"signer,omitempty"`
	InnerSigner string `yaml:"inner_signer,omitempty"`
	// Correlation is the policy for responseInfo/correlationId. Default
	// accept: the element is optional in the contract.
	Correlation Policy `yaml:"correlation"`
	// MessageID is the rule for responseInfo/messageId: "echo" (ours) or
	// "any" (the answering system may use its own). Default any.
	MessageID string `yaml:"message_id"`
	// Date is the policy for responseInfo/responseDate. Default accept: error
	// answers may leave it empty.
	Date Policy `yaml:"date"`
	// Zone is the offset of a responseDate that names none. Default +05:00,
	// the one time zone of Kazakhstan since 1 March 2024.
	Zone string `yaml:"zone"`
	// ClockSkew is how far the peer's clock may be off: a responseDate must
	// lie between the sending of the request and now, give or take this much.
	// Default 5m.
	ClockSkew Duration `yaml:"clock_skew"`
	// ReplayWindow is how long a signed answer is remembered, so that it is
	// not accepted twice; at least twice ClockSkew plus Timeout. Default 24h.
	ReplayWindow Duration `yaml:"replay_window"`
}

// The values of AnswerProfile.MessageID.
const (
	MessageIDEcho = "echo"
	MessageIDAny  = "any"
)

// Codes sorts the codes of a peer. A code is compared without regard to case;
// one that ends in "*" stands for all codes with that beginning. A code that
// is listed nowhere is an error of the registry: whatever is not known to be a
// success is none.
type Codes struct {
	Success        []string `yaml:"success,omitempty"`         // processed; the payload counts
	NotFound       []string `yaml:"not_found,omitempty"`       // the registry has no such record
	Rejected       []string `yaml:"rejected,omitempty"`        // ШЭП refused the message: rights, signature, form
	Refused        []string `yaml:"refused,omitempty"`         // the registry refused: rights or purpose
	ConsentRefused []string `yaml:"consent_refused,omitempty"` // the consent token was not accepted
	Busy           []string `yaml:"busy,omitempty"`            // maintenance or overload
}

// PayloadCodes finds and sorts the code inside the registry's answer. It
// counts on top of the envelope's code: a listed payload code decides, an
// unlisted one makes a success a failure and leaves a failure as it is. So does
// one that is not certain: on the way to it every name must be there once only,
// in no namespace or that of the payload's root, and it is text alone.
type PayloadCodes struct {
	// Path is the way from the payload's root to the code, local names with
	// "/" between, e.g. "messageResult/code". Empty: the payload has no code.
	Path  string `yaml:"path,omitempty"`
	Codes `yaml:",inline"`
}

// BreakerProfile says when calls stop reaching a registry that fails. Business
// answers and cancelled calls never count.
type BreakerProfile struct {
	// Window is the span over which calls are counted. Default 1m.
	Window Duration `yaml:"window"`
	// MinCalls is the least number of calls in the window before the ratio
	// counts. Default 10.
	MinCalls int `yaml:"min_calls"`
	// FailureRatio opens the breaker, above 0 and at most 1. Default 0.5.
	FailureRatio float64 `yaml:"failure_ratio"`
	// OpenFor is how long it stays open the first time; every failed probe
	// doubles that up to OpenMax. Defaults 10s and 2m.
	OpenFor Duration `yaml:"open_for"`
	OpenMax Duration `yaml:"open_max"`
	// Probes is how many calls may pass at once while it is half open, and how
	// many must succeed in a row to close it; 1 to 3. Default 1.
	Probes int `yaml:"probes"`
}
