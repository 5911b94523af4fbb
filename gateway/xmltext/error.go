package xmltext

import "fmt"

// Error is a refusal: the rule that was broken, where, and the rule in words.
// It never contains text of the document.
type Error struct {
	Rule   Rule
	Offset int // in bytes from the start of the input
	Text   string
}

// Error says which rule was broken and at which byte.
func (e *Error) Error() string {
	return fmt.Sprintf("xml rule %s at byte %d: %s", e.Rule, e.Offset, e.Text)
}

// Rule is the stable name of a reading rule.
type Rule string

// The rules, in the order in which they are checked.
const (
	RuleBytes       Rule = "bytes"               // whole document too long
	RuleEncoding    Rule = "encoding"            // not UTF-8, or declared to be something else
	RuleDeclaration Rule = "declaration"         // malformed or misplaced XML declaration
	RuleChar        Rule = "char"                // a character XML 1.0 does not allow
	RuleDoctype     Rule = "doctype"             // any document type declaration
	RuleComment     Rule = "comment"             // malformed, or not allowed here
	RulePI          Rule = "pi"                  // malformed, or not allowed here
	RuleRoot        Rule = "root"                // not exactly one root with nothing around it
	RuleTag         Rule = "tag"                 // malformed or unbalanced tag
	RuleName        Rule = "name"                // not a qualified name
	RuleAttribute   Rule = "attribute"           // malformed attribute
	RuleDuplicate   Rule = "attribute.duplicate" // the same attribute twice on an element
	RuleEntity      Rule = "entity"              // a reference other than the five and valid characters
	RuleCData       Rule = "cdata"               // malformed CDATA section, or "]]>" in text
	RulePrefix      Rule = "namespace.prefix"    // unbound or wrongly bound prefix
	RuleDepth       Rule = "limit.depth"         // nested too deeply
	RuleElements    Rule = "limit.elements"      // too many elements or other nodes
	RuleAttributes  Rule = "limit.attributes"    // too many attributes on one element
	RuleNamespaces  Rule = "limit.namespaces"    // too many namespace declarations
)
