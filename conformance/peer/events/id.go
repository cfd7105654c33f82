package events

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"time"
)

// ID is an event's identity as Talos uses them (xid): seconds, machine and process, counter; it sorts by time.
type ID [12]byte

// alphabet is that of base32hex in lower case, which keeps the order of the bytes.
var alphabet = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

var errID = errors.New("xid: invalid ID")

// origin is the machine and process part; random is as good, since no two peers share a stream.
var origin = func() (bytes [5]byte) {
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}

	return bytes
}()

var counter atomic.Uint32

// newID makes the next identity.
func newID(now time.Time) (id ID) {
	binary.BigEndian.PutUint32(id[0:4], uint32(now.Unix()))
	copy(id[4:9], origin[:])

	next := counter.Add(1)
	id[9], id[10], id[11] = byte(next>>16), byte(next>>8), byte(next)

	return id
}

// String gives the id as xid writes it.
func (id ID) String() string { return alphabet.EncodeToString(id[:]) }

// Time is when the event was made, to the second.
func (id ID) Time() time.Time { return time.Unix(int64(binary.BigEndian.Uint32(id[0:4])), 0) }

// ParseID reads the 20 characters of an identity.
func ParseID(text string) (id ID, err error) {
	bytes, err := alphabet.DecodeString(text)
	if err != nil || len(bytes) != len(id) {
		return id, errID
	}

	copy(id[:], bytes)

	return id, nil
}
