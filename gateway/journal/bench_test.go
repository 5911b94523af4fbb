package journal_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/journal"
)

// exchange records what one call records.
func exchange(b *testing.B, j *journal.Journal, id string) {
	ctx := context.Background()
	in, out := intent(id), outcome(id)
	in.SubjectRef = key(b).Ref(iin)
	must(b, j.Begin(ctx, in))
	if first, err := j.FirstSeen(ctx, []byte(id), time.Hour); err != nil || !first {
		b.Error(first, err)
	}
	must(b, j.End(ctx, out))
}

// BenchmarkExchange is Begin, FirstSeen and End of one exchange after the other,
// each on disk before the next: the latency of an idle gateway.
func BenchmarkExchange(b *testing.B) {
	j, _, _ := open(b, tempPath(b))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		exchange(b, j, "exchange-"+strconv.Itoa(i))
		i++
	}
}

// BenchmarkExchangeParallel is the same with 64 callers, who share commits.
func BenchmarkExchangeParallel(b *testing.B) {
	j, _, _ := open(b, tempPath(b))
	var n atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			exchange(b, j, "exchange-"+strconv.FormatInt(n.Add(1), 10))
		}
	})
}
