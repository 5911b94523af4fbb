// Package gost stands above the national cryptography of Kazakhstan and has no
// code of its own:
//
//   - gost34311 is the hash of ГОСТ 34.311-95, of the suite of 2004;
//   - streebog is the hash of ГОСТ 34.11-2015;
//   - gost3410 makes and checks the signatures of both suites.
//
// Its tests exchange signatures and digests with OpenSSL's GOST engine and with
// Bouncy Castle, and its benchmark compares their speed with ours in one run:
//
//	go test -run '^$' -bench Peers ./gateway/gost
//
// Both need gcc and the headers of OpenSSL, or a JDK; without them they are
// skipped with the reason.
package gost
