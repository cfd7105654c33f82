package main

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/perf"
)

// cards are the demo's graphics cards: how many of which PCI product, and the driver that had them when the bus was scanned.
// NVIDIA's modules load after that, and nothing drives the card of gpu-08, which has no extension.
var cards = map[string]struct {
	count           int
	vendor, product string
	driver          string
}{
	"gpu-01": {count: 4, vendor: "0x10de", product: "0x2684"},
	"gpu-02": {count: 2, vendor: "0x10de", product: "0x2bb1"},
	"gpu-05": {count: 1, vendor: "0x1002", product: "0x1586", driver: "amdgpu"},
	"gpu-06": {count: 2, vendor: "0x8086", product: "0x56a0", driver: "i915"},
	"gpu-08": {count: 1, vendor: "0x10de", product: "0x2204"},
}

func checkPCIDevices(r *reading) error {
	devices, err := resourcesOf[*hardware.PCIDevice](r)
	if err != nil {
		return err
	}

	if len(devices) < 5 {
		return fmt.Errorf("only %d devices", len(devices))
	}

	wanted := cards[r.node.Name]
	found := 0

	for id, device := range devices {
		spec := device.TypedSpec()

		if err = all(
			wantMatch("id", id, `^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`),
			wantMatch("class of "+id, spec.ClassID, `^0x[0-9a-f]{2}$`),
			wantMatch("subclass of "+id, spec.SubclassID, `^0x[0-9a-f]{2}$`),
			wantMatch("vendor of "+id, spec.VendorID, `^0x[0-9a-f]{4}$`),
			wantMatch("product of "+id, spec.ProductID, `^0x[0-9a-f]{4}$`),
			want(spec.Vendor != "" && spec.Class != "", "%s has no names: %+v", id, spec),
		); err != nil {
			return err
		}

		if wanted.count == 0 || spec.VendorID != wanted.vendor || spec.ProductID != wanted.product {
			continue
		}

		found++

		if err = all(
			wantEqual("class of a card", spec.ClassID, "0x03"),
			wantEqual("driver of a card", spec.Driver, wanted.driver),
		); err != nil {
			return err
		}
	}

	return wantEqual("number of cards", found, wanted.count)
}

func checkHardware(r *reading) error {
	system, err := resourceOf[*hardware.SystemInformation](r, hardware.SystemInformationID)
	if err != nil {
		return err
	}

	processors, err := resourcesOf[*hardware.Processor](r)
	if err != nil {
		return err
	}

	modules, err := resourcesOf[*hardware.MemoryModule](r)
	if err != nil {
		return err
	}

	memory, err := r.api.Memory(r.ctx)
	if err != nil {
		return err
	}

	var cores, threads uint32
	for _, processor := range processors {
		cores += processor.TypedSpec().CoreCount
		threads += processor.TypedSpec().ThreadCount
	}

	var mebibytes uint64
	for _, module := range modules {
		mebibytes += uint64(module.TypedSpec().Size)
	}

	// What the kernel has is less than what is built in.
	usable := memory.GetMessages()[0].GetMeminfo().GetMemtotal() / 1024

	return all(
		wantMatch("UUID", system.TypedSpec().UUID, `^[0-9a-f-]{36}$`),
		want(system.TypedSpec().Manufacturer != "" && system.TypedSpec().SerialNumber != "", "%+v", system.TypedSpec()),
		want(cores > 0 && threads > cores, "%d cores with %d threads", cores, threads),
		want(usable < mebibytes && usable > mebibytes*9/10, "%d MiB of memory, but %d MiB in modules", usable, mebibytes),
	)
}

// checkUsage wants counters of the kernel, one for each thread.
func checkUsage(r *reading) error {
	cpu, err := resourceOf[*perf.CPU](r, perf.CPUID)
	if err != nil {
		return err
	}

	memory, err := resourceOf[*perf.Memory](r, perf.MemoryID)
	if err != nil {
		return err
	}

	info, err := r.api.MachineClient.CPUInfo(r.ctx, nil)
	if err != nil {
		return err
	}

	spec := memory.TypedSpec()

	return all(
		wantEqual("threads", len(cpu.TypedSpec().CPU), len(info.GetMessages()[0].GetCpuInfo())),
		want(cpu.TypedSpec().CPUTotal.Idle > 0 && cpu.TypedSpec().CPUTotal.User > 0, "%+v", cpu.TypedSpec().CPUTotal),
		want(spec.MemTotal > spec.MemAvailable && spec.MemAvailable > 0, "%d of %d is available", spec.MemAvailable, spec.MemTotal),
	)
}
