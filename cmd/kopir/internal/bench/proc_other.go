//go:build !linux

package bench

import (
	"errors"
	"time"
)

var errSystem = errors.New("this system is not Linux")

const tick = 10 * time.Millisecond

func cpuOf(int) (time.Duration, error) { return 0, errSystem }
func resident(int) (int64, error)      { return 0, errSystem }
func ownCPU() (time.Duration, error)   { return 0, errSystem }
