package machine

import (
	"errors"

	"ichor.example/conformance/peer/factory"
)

// Slot is an installed image.
type Slot struct {
	Release   string
	Schematic factory.Schematic
}

// none is the number of no slot.
const none = -1

// Disk is what survives a restart.
type Disk struct {
	Installed bool
	Slots     [2]*Slot
	// Active is what the next boot takes.
	Active int
	// Fallback is the slot to go back to while a new one has not proven itself; the META tag of an upgrade.
	Fallback int
	// Config is the persisted machine config.
	Config []byte
	// Etcd is the data directory; nil before the bootstrap.
	Etcd *Etcd
	// Images by containerd instance and name; the value is the digest.
	Images map[string]map[string]string
	// media is what the machine boots while nothing is installed.
	media Slot
}

// next is the slot that boots, and its image.
func (disk *Disk) next() (int, Slot) {
	if !disk.Installed {
		return 0, disk.media
	}

	return disk.Active, *disk.Slots[disk.Active]
}

var errNoOther = errors.New("previous UKI not found")

// revert makes the next boot take the slot that does not run.
func (disk *Disk) revert(running int) error {
	if disk.Slots[1-running] == nil {
		return errNoOther
	}

	disk.Active, disk.Fallback = 1-running, none

	return nil
}

// Disk gives a copy for those who look from outside.
func (machine *Machine) Disk() Disk {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	return machine.disk
}

// change changes the disk under its lock.
func (machine *Machine) change(change func(*Disk)) {
	machine.mu.Lock()
	defer machine.mu.Unlock()
	change(&machine.disk)
}
