// Package logs holds what services and the kernel of one boot have said.
package logs

import (
	"bytes"
	"context"
	"sync"

	"ichor.example/conformance/peer/wire"
)

// Buffer is the log of one service.
type Buffer struct {
	mu      sync.Mutex
	bytes   []byte
	changed chan struct{}
}

// NewBuffer makes an empty one.
func NewBuffer() *Buffer { return &Buffer{changed: make(chan struct{})} }

// Append adds a line.
func (buffer *Buffer) Append(line string) {
	buffer.mu.Lock()
	defer buffer.mu.Unlock()

	buffer.bytes = append(append(buffer.bytes, line...), '\n')
	close(buffer.changed)
	buffer.changed = make(chan struct{})
}

// begin is where the last lines begin; all for a negative number.
func (buffer *Buffer) begin(lines int) int {
	if lines < 0 {
		return 0
	}

	at := len(buffer.bytes)
	for range lines {
		if at == 0 {
			break
		}
		at = bytes.LastIndexByte(buffer.bytes[:at-1], '\n') + 1
	}

	return at
}

// Stream sends the last lines in frames, then what follows until the context ends.
func (buffer *Buffer) Stream(ctx context.Context, lines int, follow bool, send func([]byte) error) error {
	buffer.mu.Lock()
	at := buffer.begin(lines)
	buffer.mu.Unlock()

	for {
		buffer.mu.Lock()
		rest := append([]byte(nil), buffer.bytes[at:]...)
		changed := buffer.changed
		buffer.mu.Unlock()
		at += len(rest)

		if err := wire.Chunks(rest, send); err != nil {
			return err
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
