package machine

import (
	"crypto/sha256"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
)

// seeded is text of hex digits that depends on the machine's name alone.
func (machine *Machine) seeded(what string, digits int) string {
	sum := sha256.Sum256([]byte(machine.Spec.Hostname + "/" + machine.Spec.Address + "/" + what))

	return fmt.Sprintf("%x", sum)[:digits]
}

// UUID is the machine's, by its firmware.
func (machine *Machine) UUID() string {
	text := machine.seeded("uuid", 32)

	return fmt.Sprintf("%s-%s-4%s-8%s-%s", text[0:8], text[8:12], text[13:16], text[17:20], text[20:32])
}

// Sizes of the machine.
const (
	Cores    = 16
	Threads  = 32
	dimmMiB  = 32768
	dimms    = 4
	diskSize = 1 << 40
)

// publishHardware says what the firmware and one scan of the bus found; NVIDIA's modules load only after that scan.
func (boot *Boot) publishHardware() {
	machine := boot.Machine

	put(boot, "hardware.SystemInfoController", hardware.NewSystemInformation(hardware.SystemInformationID), func(system *hardware.SystemInformation) {
		*system.TypedSpec() = hardware.SystemInformationSpec{
			Manufacturer: "Ichor", ProductName: "Peer", Version: "1.0", SerialNumber: machine.seeded("serial", 10), UUID: machine.UUID(),
			WakeUpType: "Power Switch", SKUNumber: "000000000001",
		}
		if boot.Release.Since(14) {
			system.TypedSpec().BIOSVersion = "2.6"
		}
	})
	put(boot, "hardware.SystemInfoController", hardware.NewProcessorInfo("CPU-0"), func(cpu *hardware.Processor) {
		*cpu.TypedSpec() = hardware.ProcessorSpec{
			Socket: "CPU0", Manufacturer: "Advanced Micro Devices, Inc.", ProductName: "AMD EPYC 9124 16-Core Processor",
			MaxSpeed: 3700, BootSpeed: 3000, Status: 65, CoreCount: Cores, CoreEnabled: Cores, ThreadCount: Threads,
		}
	})

	for number := range dimms {
		id := fmt.Sprintf("DIMM-%d", number)
		put(boot, "hardware.SystemInfoController", hardware.NewMemoryModuleInfo(id), func(dimm *hardware.MemoryModule) {
			*dimm.TypedSpec() = hardware.MemoryModuleSpec{
				Size: dimmMiB, DeviceLocator: fmt.Sprintf("DIMM %d", number), BankLocator: "P0 CHANNEL A", Speed: 4800,
				Manufacturer: "Samsung", SerialNumber: machine.seeded(id, 8), ProductName: "M321R4GA3BB6-CQKET",
			}
		})
	}

	for _, device := range machine.Spec.PCI {
		put(boot, "hardware.PCIDevicesController", hardware.NewPCIDeviceInfo(device.Address), func(function *hardware.PCIDevice) {
			*function.TypedSpec() = hardware.PCIDeviceSpec{
				Class: device.Class, Vendor: device.Vendor, Product: device.Product, Driver: device.Driver,
				ClassID: "0x" + device.ClassID, SubclassID: "0x" + device.SubclassID,
				VendorID: "0x" + device.VendorID, ProductID: "0x" + device.DeviceID,
			}
		})
	}
}
