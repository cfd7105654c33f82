package machine

import (
	"fmt"
	"slices"
	"strings"

	"ichor.example/conformance/peer/spec"
)

// Module is a kernel module that is live.
type Module struct {
	Name         string
	Size         int
	References   int
	Dependencies []string
}

// Drivers are what the kernel of one boot made of the machine's cards.
type Drivers struct {
	Modules []Module
	// Bound is the driver by PCI address.
	Bound map[string]string
	// Nodes are names below /dev.
	Nodes  []string
	nvidia bool
}

const nvidiaVendor = "10de"

func isDisplay(device spec.Device) bool { return device.ClassID == "03" || device.ClassID == "12" }

// gpus is how many cards NVIDIA's device plugin offers to Kubernetes.
func (drivers Drivers) gpus() (count int) {
	for _, driver := range drivers.Bound {
		if driver == "nvidia" {
			count++
		}
	}

	return count
}

// bind loads what udev loads by itself, and NVIDIA's modules where the image has them and the config asks for them.
func bind(devices []spec.Device, extensions, wanted []string) Drivers {
	drivers := Drivers{Bound: map[string]string{}, Modules: []Module{{Name: "nvme", Size: 61440, References: 2}}}
	for _, device := range devices {
		if device.Driver != "" {
			drivers.Bound[device.Address] = device.Driver
		}
	}

	kmod := slices.ContainsFunc(extensions, func(name string) bool {
		return strings.HasPrefix(name, "nvidia-open-gpu-kernel-modules") || strings.HasPrefix(name, "nonfree-kmod-nvidia")
	})
	if kmod && slices.Contains(wanted, "nvidia") {
		drivers.bindNVIDIA(devices, wanted)
	}

	if slices.Contains(extensions, "amdgpu") {
		drivers.bindAMD(devices)
	}

	return drivers
}

func (drivers *Drivers) bindNVIDIA(devices []spec.Device, wanted []string) {
	for _, device := range devices {
		if device.VendorID == nvidiaVendor && isDisplay(device) {
			drivers.Nodes = append(drivers.Nodes, fmt.Sprintf("nvidia%d", drivers.gpus()))
			drivers.Bound[device.Address] = "nvidia"
		}
	}

	// Without a card the module unloads itself.
	if drivers.gpus() == 0 {
		return
	}

	drivers.nvidia = true
	drivers.Nodes = append(drivers.Nodes, "nvidiactl", "nvidia-modeset", "nvidia-uvm")
	for _, name := range wanted {
		if name == "nvidia" {
			drivers.Modules = append(drivers.Modules, Module{Name: name, Size: 14532608, References: 12})
		} else if strings.HasPrefix(name, "nvidia_") {
			drivers.Modules = append(drivers.Modules, Module{Name: name, Size: 1777664, References: 2, Dependencies: []string{"nvidia"}})
		}
	}
}

func (drivers *Drivers) bindAMD(devices []spec.Device) {
	cards := 0
	for _, device := range devices {
		if device.VendorID == "1002" && isDisplay(device) {
			drivers.Bound[device.Address] = "amdgpu"
			drivers.Nodes = append(drivers.Nodes, fmt.Sprintf("dri/card%d", cards), fmt.Sprintf("dri/renderD%d", 128+cards))
			cards++
		}
	}

	if cards > 0 {
		drivers.Nodes = append(drivers.Nodes, "kfd")
		drivers.Modules = append(drivers.Modules, Module{Name: "amdgpu", Size: 11980800, References: cards})
	}
}

// Drivers as they are now.
func (boot *Boot) Drivers() Drivers {
	boot.mu.Lock()
	defer boot.mu.Unlock()

	return boot.drivers
}

// loadModules binds what can be bound now. A module that is live stays so, whatever a later config says.
func (boot *Boot) loadModules() {
	found := bind(boot.Machine.Spec.PCI, boot.Slot.Schematic.Extensions, boot.wantedModules())

	boot.mu.Lock()
	before := boot.drivers
	if len(found.Modules) >= len(before.Modules) {
		boot.drivers = found
	}
	boot.mu.Unlock()

	if found.nvidia && !before.nvidia {
		boot.Kernel.Say("kern", "info", "nvidia: loading out-of-tree module taints kernel.")
		for address, driver := range found.Bound {
			if driver == "nvidia" {
				boot.Kernel.Say("kern", "info", "nvidia %s: enabling device (0000 -> 0003)", address)
			}
		}
	}

	boot.publishModules()
}
