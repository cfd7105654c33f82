package machine

import "slices"

// Faults are what a test wants to go wrong.
type Faults struct {
	// InstallerExit is the exit code of the next installers.
	InstallerExit int32 `json:"installerExit"`
	// Rollback lets the next boot of a new slot fail, so that the machine goes back to the old one.
	Rollback bool `json:"rollback"`
	// NeverReturns keeps the machine from booting after its next restart.
	NeverReturns bool `json:"neverReturns"`
	// Stall holds the streams of these methods after their first message, `/machine.ImageService/Pull`.
	Stall []string `json:"stall"`
}

// Faults that are switched on.
func (machine *Machine) Faults() Faults {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	return machine.faults
}

// SetFaults switches faults on and off.
func (machine *Machine) SetFaults(faults Faults) {
	machine.mu.Lock()
	defer machine.mu.Unlock()
	machine.faults = faults
}

// Stalls tells whether the streams of a method are held.
func (machine *Machine) Stalls(method string) bool {
	return slices.Contains(machine.Faults().Stall, method)
}

// takeRollback tells whether this boot is to fail, once.
func (machine *Machine) takeRollback() bool {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	if !machine.faults.Rollback || machine.disk.Fallback == none {
		return false
	}

	machine.faults.Rollback = false

	return true
}
