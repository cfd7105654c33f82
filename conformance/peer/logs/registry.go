package logs

import (
	"fmt"
	"slices"
	"sync"
)

// Registry holds the logs of a boot by their service.
type Registry struct {
	mu      sync.Mutex
	buffers map[string]*Buffer
}

// NewRegistry makes an empty one.
func NewRegistry() *Registry { return &Registry{buffers: map[string]*Buffer{}} }

// Of gives a service's log, and makes it where there is none.
func (registry *Registry) Of(id string) *Buffer {
	registry.mu.Lock()
	defer registry.mu.Unlock()

	buffer, known := registry.buffers[id]
	if !known {
		buffer = NewBuffer()
		registry.buffers[id] = buffer
	}

	return buffer
}

// Find gives a service's log, or the error that a node answers with.
func (registry *Registry) Find(id string) (*Buffer, error) {
	registry.mu.Lock()
	defer registry.mu.Unlock()

	buffer, known := registry.buffers[id]
	if !known {
		return nil, fmt.Errorf("log %q was not registered", id)
	}

	return buffer, nil
}

// IDs are the services that have a log.
func (registry *Registry) IDs() []string {
	registry.mu.Lock()
	defer registry.mu.Unlock()

	ids := make([]string, 0, len(registry.buffers))
	for id := range registry.buffers {
		ids = append(ids, id)
	}

	slices.Sort(ids)

	return ids
}
