package logs

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Kernel is the kernel log of one boot, record by record.
type Kernel struct {
	mu      sync.Mutex
	records []string
	changed chan struct{}
}

// NewKernel makes an empty one.
func NewKernel() *Kernel { return &Kernel{changed: make(chan struct{})} }

// Say adds a record. Its form on the wire has the priority padded to seven characters.
func (kernel *Kernel) Say(facility, priority, format string, args ...any) {
	kernel.mu.Lock()
	defer kernel.mu.Unlock()

	at := time.Now().UTC().Format(time.RFC3339Nano)
	kernel.records = append(kernel.records, fmt.Sprintf("%s: %7s: [%s]: %s", facility, priority, at, fmt.Sprintf(format, args...)))
	close(kernel.changed)
	kernel.changed = make(chan struct{})
}

// Stream sends each record; with tail only those that come from now on.
func (kernel *Kernel) Stream(ctx context.Context, follow, tail bool, send func(string) error) error {
	kernel.mu.Lock()
	at := 0
	if tail {
		at = len(kernel.records)
	}
	kernel.mu.Unlock()

	for {
		kernel.mu.Lock()
		fresh, changed := append([]string(nil), kernel.records[at:]...), kernel.changed
		kernel.mu.Unlock()
		at += len(fresh)

		for _, record := range fresh {
			if err := send(record); err != nil {
				return err
			}
		}

		if !follow {
			return nil
		}

		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}
