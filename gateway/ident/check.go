package ident

// checkDigit computes the twelfth digit of an IIN or BIN from the first eleven.
// Pass one weighs the digits 1, 2 … 11; if the sum modulo 11 is ten, pass two
// weighs them 3, 4 … 11, 1, 2. If that is ten again, the stem is never issued
// and ok is false.
func checkDigit(stem string) (digit byte, ok bool) {
	for _, shift := range []int{0, 2} {
		sum := 0
		for i := range 11 {
			sum += int(stem[i]-'0') * ((i+shift)%11 + 1)
		}
		if r := sum % 11; r < 10 {
			return '0' + byte(r), true
		}
	}
	return 0, false
}
