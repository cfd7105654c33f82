// Package events is the event stream of one boot: a ring that readers follow at their own pace.
package events

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Talos keeps so many, and stays so far away from what it is about to overwrite.
const (
	capacity = 1000
	gap      = 10
)

// Event is one that was published.
type Event struct {
	ID      ID
	Actor   string
	Payload proto.Message
}

// Ring holds the newest events.
type Ring struct {
	mu sync.Mutex
	// kept are the newest, the first of them at position first.
	kept    []Event
	first   int
	changed chan struct{}
}

// NewRing makes an empty one.
func NewRing() *Ring { return &Ring{changed: make(chan struct{})} }

// Publish adds an event and wakes all readers.
func (ring *Ring) Publish(actor string, payload proto.Message) {
	ring.mu.Lock()
	defer ring.mu.Unlock()

	ring.kept = append(ring.kept, Event{ID: newID(time.Now()), Actor: actor, Payload: payload})
	if over := len(ring.kept) - capacity; over > 0 {
		ring.kept = append([]Event(nil), ring.kept[over:]...)
		ring.first += over
	}

	close(ring.changed)
	ring.changed = make(chan struct{})
}

// Tail says where a reader begins; at most one of the three may be set.
type Tail struct {
	Events  int
	ID      string
	Seconds int
	Actor   string
}

var errTails = errors.New("only one of the ways to name past events may be used")

func (tail Tail) check() (*ID, error) {
	used := 0
	for _, given := range []bool{tail.Events != 0, tail.ID != "", tail.Seconds != 0} {
		if given {
			used++
		}
	}

	if used > 1 {
		return nil, errTails
	}

	if tail.ID == "" {
		return nil, nil //nolint:nilnil // no identity asked for
	}

	id, err := ParseID(tail.ID)

	return &id, err
}

// begin is the position of the first event that the reader gets.
func (ring *Ring) begin(tail Tail, after *ID) int {
	end := ring.first + len(ring.kept)
	oldest := max(ring.first, end-(capacity-gap))
	from := func(wanted func(Event) bool) int {
		for at := oldest; at < end; at++ {
			if wanted(ring.kept[at-ring.first]) {
				return at
			}
		}

		return end
	}

	switch {
	case tail.Events < 0:
		return oldest
	case tail.Events > 0:
		return max(oldest, end-tail.Events)
	case after != nil:
		return from(func(event Event) bool { return bytes.Compare(event.ID[:], after[:]) > 0 })
	case tail.Seconds != 0:
		since := time.Now().Add(-time.Duration(tail.Seconds) * time.Second)

		return from(func(event Event) bool { return event.ID.Time().After(since) })
	default:
		return end
	}
}

// Follow calls send with each event from the tail on, until the context ends or send fails. A reader that was overrun is
// left without a word, as on a real node.
func (ring *Ring) Follow(ctx context.Context, tail Tail, send func(Event) error) error {
	after, err := tail.check()
	if err != nil {
		return err
	}

	ring.mu.Lock()
	at := ring.begin(tail, after)
	ring.mu.Unlock()

	for {
		ring.mu.Lock()
		changed, overrun := ring.changed, at < ring.first
		var fresh []Event
		if !overrun {
			fresh = append(fresh, ring.kept[at-ring.first:]...)
		}
		ring.mu.Unlock()

		if overrun {
			return nil
		}

		for _, event := range fresh {
			at++
			if tail.Actor != "" && event.Actor != tail.Actor {
				continue
			}
			if err = send(event); err != nil {
				return err
			}
		}

		if len(fresh) > 0 {
			continue
		}

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Wire is an event as the API sends it. The type URL has Talos' own prefix.
func (event Event) Wire() (*machine.Event, error) {
	value, err := proto.Marshal(event.Payload)
	if err != nil {
		return nil, err
	}

	name := string(event.Payload.ProtoReflect().Descriptor().FullName())

	return &machine.Event{
		Data: &anypb.Any{TypeUrl: "talos/runtime/" + name, Value: value}, Id: event.ID.String(), ActorId: event.Actor,
	}, nil
}

// Hello is the empty first message of every stream; it has an identity of its own.
func Hello(actor string) *machine.Event {
	return &machine.Event{Data: &anypb.Any{}, Id: newID(time.Now()).String(), ActorId: actor}
}
