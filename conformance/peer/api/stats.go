package api

import (
	"context"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/types/known/emptypb"

	peer "ichor.example/conformance/peer/machine"
)

// Figures of a machine that does a little, always the same: counters grow with its time and nothing else.
const (
	memoryKiB = 128 << 20
	busyShare = 0.08
)

func (service *machineService) uptime() float64 { return time.Since(service.boot.Started).Seconds() }

func cpuStat(seconds float64) *machine.CPUStat {
	busy := seconds * busyShare

	return &machine.CPUStat{
		User: busy * 0.6, System: busy * 0.3, Nice: 0, SoftIrq: busy * 0.1, Iowait: seconds * 0.01, Idle: seconds * (0.99 - busyShare),
	}
}

// SystemStat tells times that grow with the uptime.
func (service *machineService) SystemStat(context.Context, *emptypb.Empty) (*machine.SystemStatResponse, error) {
	up := service.uptime()
	stat := &machine.SystemStat{
		BootTime: uint64(service.boot.Started.Unix()), CpuTotal: cpuStat(up * peer.Threads), ContextSwitches: uint64(up * 9000),
		ProcessCreated: uint64(up*3) + 900, ProcessRunning: 2, SoftIrq: &machine.SoftIRQStat{Timer: uint64(up * 250)},
	}

	for range peer.Threads {
		stat.Cpu = append(stat.Cpu, cpuStat(up))
	}

	return &machine.SystemStatResponse{Messages: []*machine.SystemStat{stat}}, nil
}

// LoadAvg tells a load that stays.
func (service *machineService) LoadAvg(context.Context, *emptypb.Empty) (*machine.LoadAvgResponse, error) {
	return &machine.LoadAvgResponse{Messages: []*machine.LoadAvg{{Load1: 2.56, Load5: 2.25, Load15: 2}}}, nil
}

// Memory tells the memory in KiB, as /proc/meminfo does.
func (service *machineService) Memory(context.Context, *emptypb.Empty) (*machine.MemoryResponse, error) {
	return &machine.MemoryResponse{Messages: []*machine.Memory{{Meminfo: &machine.MemInfo{
		Memtotal: memoryKiB, Memfree: memoryKiB / 2, Memavailable: memoryKiB * 3 / 4, Buffers: 4096, Cached: memoryKiB / 4, Slab: 700000,
	}}}}, nil
}

// CPUInfo tells every thread of the processor.
func (service *machineService) CPUInfo(context.Context, *emptypb.Empty) (*machine.CPUInfoResponse, error) {
	info := &machine.CPUsInfo{}
	for number := range uint32(peer.Threads) {
		info.CpuInfo = append(info.CpuInfo, &machine.CPUInfo{
			Processor: number, VendorId: "AuthenticAMD", ModelName: "AMD EPYC 9124 16-Core Processor", CpuMhz: 3000, PhysicalId: "0",
			CoreId: string(rune('0' + number%8)), CpuCores: peer.Cores,
		})
	}

	return &machine.CPUInfoResponse{Messages: []*machine.CPUsInfo{info}}, nil
}

// CPUFreqStats tells the speed of every thread in kHz.
func (service *machineService) CPUFreqStats(context.Context, *emptypb.Empty) (*machine.CPUFreqStatsResponse, error) {
	stats := &machine.CPUsFreqStats{}
	for range peer.Threads {
		stats.CpuFreqStats = append(stats.CpuFreqStats, &machine.CPUFreqStats{
			CurrentFrequency: 3000000, MinimumFrequency: 1500000, MaximumFrequency: 3700000, Governor: "schedutil",
		})
	}

	return &machine.CPUFreqStatsResponse{Messages: []*machine.CPUsFreqStats{stats}}, nil
}

// NetworkDeviceStats tells counters that grow with the uptime.
func (service *machineService) NetworkDeviceStats(context.Context, *emptypb.Empty) (*machine.NetworkDeviceStatsResponse, error) {
	up := service.uptime()
	device := func(name string, share float64) *machine.NetDev {
		return &machine.NetDev{
			Name: name, RxBytes: uint64(up * 120000 * share), RxPackets: uint64(up * 140 * share),
			TxBytes: uint64(up * 80000 * share), TxPackets: uint64(up * 100 * share),
		}
	}

	return &machine.NetworkDeviceStatsResponse{Messages: []*machine.NetworkDeviceStats{{
		Total: device("", 1.1), Devices: []*machine.NetDev{device(peer.NIC, 1), device("lo", 0.1)},
	}}}, nil
}

// DiskStats tells counters that grow with the uptime.
func (service *machineService) DiskStats(context.Context, *emptypb.Empty) (*machine.DiskStatsResponse, error) {
	up := service.uptime()
	device := func(name string) *machine.DiskStat {
		return &machine.DiskStat{
			Name: name, ReadCompleted: uint64(up*3) + 5000, ReadSectors: uint64(up*200) + 800000, ReadTimeMs: uint64(up),
			WriteCompleted: uint64(up*20) + 900, WriteSectors: uint64(up*900) + 20000, WriteTimeMs: uint64(up * 4), IoTimeMs: uint64(up * 5),
		}
	}

	return &machine.DiskStatsResponse{Messages: []*machine.DiskStats{{
		Total: device(""), Devices: []*machine.DiskStat{device("nvme0n1"), device("nvme0n1p4")},
	}}}, nil
}

// Mounts tells what is mounted.
func (service *machineService) Mounts(context.Context, *emptypb.Empty) (*machine.MountsResponse, error) {
	return &machine.MountsResponse{Messages: []*machine.Mounts{{Stats: []*machine.MountStat{
		{Filesystem: "/dev/nvme0n1p4", Size: 1 << 40, Available: 1 << 39, MountedOn: "/var"},
		{Filesystem: "tmpfs", Size: 64 << 20, Available: 60 << 20, MountedOn: "/run"},
	}}}}, nil
}

// Processes tells some of the processes.
func (service *machineService) Processes(context.Context, *emptypb.Empty) (*machine.ProcessesResponse, error) {
	up := service.uptime()

	return &machine.ProcessesResponse{Messages: []*machine.Process{{Processes: []*machine.ProcessInfo{
		{Pid: 1, State: "S", Threads: 14, CpuTime: up * 0.02, ResidentMemory: 90 << 20, VirtualMemory: 1 << 30, Command: "init", Executable: "/sbin/init"},
		{Pid: 1840, Ppid: 1, State: "S", Threads: 22, CpuTime: up * 0.05, ResidentMemory: 110 << 20, Command: "kubelet", Executable: "/usr/local/bin/kubelet"},
	}}}}, nil
}
