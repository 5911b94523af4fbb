package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"
)

// Role is what the national centre certifies a subject as, by the extended key
// usages under 1.2.398.3.3.4.
type Role string

// The roles.
const (
	RoleIndividual        Role = "individual"         // 1.2.398.3.3.4.1.1
	RoleLegalEntity       Role = "legal-entity"       // 1.2.398.3.3.4.1.2
	RoleHead              Role = "head"               // 1.2.398.3.3.4.1.2.1, first head of the entity
	RoleSignatory         Role = "signatory"          // 1.2.398.3.3.4.1.2.2, may sign for the entity
	RoleFinancial         Role = "financial"          // 1.2.398.3.3.4.1.2.3, may sign financial documents
	RoleStaff             Role = "staff"              // 1.2.398.3.3.4.1.2.4, of the personnel department
	RoleEmployee          Role = "employee"           // 1.2.398.3.3.4.1.2.5
	RoleInformationSystem Role = "information-system" // 1.2.398.3.3.4.1.2.6
)

//nolint:gochecknoglobals // a constant table
var roles = map[string]Role{
	"1.2.398.3.3.4.1.1":   RoleIndividual,
	"1.2.398.3.3.4.1.2":   RoleLegalEntity,
	"1.2.398.3.3.4.1.2.1": RoleHead,
	"1.2.398.3.3.4.1.2.2": RoleSignatory,
	"1.2.398.3.3.4.1.2.3": RoleFinancial,
	"1.2.398.3.3.4.1.2.4": RoleStaff,
	"1.2.398.3.3.4.1.2.5": RoleEmployee,
	"1.2.398.3.3.4.1.2.6": RoleInformationSystem,
}

// RolesOf lists the roles a certificate gives its subject, in its order.
func RolesOf(c *x509.Certificate) (out []Role) {
	for _, oid := range c.UnknownExtKeyUsage {
		if r, ok := roles[oid.String()]; ok {
			out = append(out, r)
		}
	}
	return out
}

// HasRole tells whether a certificate gives its subject a role.
func HasRole(c *x509.Certificate, r Role) bool { return slices.Contains(RolesOf(c), r) }

// Attribute types that hold the numbers of the subject.
//
//nolint:gochecknoglobals // constants
var (
	oidSerialNumber       = asn1.ObjectIdentifier{2, 5, 4, 5}
	oidOrganizationalUnit = asn1.ObjectIdentifier{2, 5, 4, 11}
)

// SubjectIIN gives the digits that follow "IIN" in the attribute serialNumber of
// the person a certificate was issued to, as they stand there; "" if there are
// none, or two. They are personal data, and not checked to be an IIN.
func SubjectIIN(c *x509.Certificate) string { return subjectNumber(c, oidSerialNumber, "IIN") }

// SubjectBIN gives the digits that follow "BIN" in the attribute
// organizationalUnitName of the organisation a certificate was issued to or for,
// as they stand there; "" if there are none, or two.
func SubjectBIN(c *x509.Certificate) string { return subjectNumber(c, oidOrganizationalUnit, "BIN") }

// subjectNumber finds the one attribute of a type that starts with a word. Two
// of them would let two readers see two people.
func subjectNumber(c *x509.Certificate, kind asn1.ObjectIdentifier, word string) (digits string) {
	for _, a := range c.Subject.Names {
		value, isText := a.Value.(string)
		if !a.Type.Equal(kind) || !isText {
			continue
		}
		rest, found := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(value)), word)
		switch {
		case !found:
		case digits != "":
			return ""
		default:
			digits = strings.TrimSpace(rest)
		}
	}
	return digits
}
