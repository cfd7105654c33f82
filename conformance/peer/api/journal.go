package api

import (
	"slices"
	"sync"
	"time"
)

// Call is one that a peer received.
type Call struct {
	Method  string   `json:"method"`
	Roles   []string `json:"roles"`
	Allowed bool     `json:"allowed"`
	Boot    string   `json:"boot"`
	AtMs    int64    `json:"atMs"`
}

// Journal holds the calls that a peer received, over all of its boots.
type Journal struct {
	mu    sync.Mutex
	calls []Call
}

func (journal *Journal) add(call Call) {
	journal.mu.Lock()
	defer journal.mu.Unlock()
	call.AtMs = time.Now().UnixMilli()
	journal.calls = append(journal.calls, call)
}

// Calls gives them all, oldest first.
func (journal *Journal) Calls() []Call {
	journal.mu.Lock()
	defer journal.mu.Unlock()

	return slices.Clone(journal.calls)
}

// Forget empties the journal.
func (journal *Journal) Forget() {
	journal.mu.Lock()
	defer journal.mu.Unlock()
	journal.calls = nil
}
