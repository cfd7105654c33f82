package main

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/emptypb"
)

// stat is a call that tells of load and devices.
type stat struct {
	name  string
	check func(r *reading, empty *emptypb.Empty) error
}

var stats = []stat{
	{"SystemStat", checkSystemStat},
	{"LoadAvg", func(r *reading, empty *emptypb.Empty) error {
		reply, err := r.api.MachineClient.LoadAvg(r.ctx, empty)
		if err != nil {
			return err
		}

		load := reply.GetMessages()[0]

		return want(load.GetLoad1() > 0 && load.GetLoad5() > 0 && load.GetLoad15() > 0, "%v", load)
	}},
	{"Memory", func(r *reading, _ *emptypb.Empty) error {
		reply, err := r.api.Memory(r.ctx)
		if err != nil {
			return err
		}

		memory := reply.GetMessages()[0].GetMeminfo()

		return all(
			want(memory.GetMemtotal() > memory.GetMemavailable(), "%v", memory),
			want(memory.GetMemavailable() > memory.GetMemfree() && memory.GetMemfree() > 0, "%v", memory),
			want(memory.GetCached() > 0 && memory.GetBuffers() > 0, "%v", memory),
		)
	}},
	{"DiskStats", func(r *reading, empty *emptypb.Empty) error {
		reply, err := r.api.MachineClient.DiskStats(r.ctx, empty)
		if err != nil {
			return err
		}

		total := reply.GetMessages()[0].GetTotal()

		var read, written uint64

		for _, device := range reply.GetMessages()[0].GetDevices() {
			read += device.GetReadSectors()
			written += device.GetWriteSectors()
		}

		return all(
			wantEqual("sectors read", total.GetReadSectors(), read),
			wantEqual("sectors written", total.GetWriteSectors(), written),
			want(read > 0 && written > 0, "nothing was read or written"),
		)
	}},
	{"NetworkDeviceStats", func(r *reading, empty *emptypb.Empty) error {
		reply, err := r.api.MachineClient.NetworkDeviceStats(r.ctx, empty)
		if err != nil {
			return err
		}

		var received, sent uint64

		names := map[string]bool{}

		for _, device := range reply.GetMessages()[0].GetDevices() {
			names[device.GetName()] = true
			received += device.GetRxBytes()
			sent += device.GetTxBytes()
		}

		total := reply.GetMessages()[0].GetTotal()

		return all(
			wantEqual("received", total.GetRxBytes(), received),
			wantEqual("sent", total.GetTxBytes(), sent),
			want(len(names) > 1 && names["lo"], "devices %v", names),
		)
	}},
	{"CPUInfo", func(r *reading, empty *emptypb.Empty) error {
		reply, err := r.api.MachineClient.CPUInfo(r.ctx, empty)
		if err != nil {
			return err
		}

		for index, processor := range reply.GetMessages()[0].GetCpuInfo() {
			if int(processor.GetProcessor()) != index || processor.GetModelName() == "" || processor.GetCpuMhz() <= 0 {
				return fmt.Errorf("processor %d is %v", index, processor)
			}
		}

		return want(len(reply.GetMessages()[0].GetCpuInfo()) > 15, "too few")
	}},
	{"Mounts", func(r *reading, _ *emptypb.Empty) error {
		reply, err := r.api.Mounts(r.ctx)
		if err != nil {
			return err
		}

		for _, mount := range reply.GetMessages()[0].GetStats() {
			if mount.GetMountedOn() == "/var" {
				return want(mount.GetSize() > mount.GetAvailable() && mount.GetAvailable() > 0, "%v", mount)
			}
		}

		return want(false, "/var is missing")
	}},
	{"Processes", func(r *reading, _ *emptypb.Empty) error {
		reply, err := r.api.Processes(r.ctx)
		if err != nil {
			return err
		}

		for _, process := range reply.GetMessages()[0].GetProcesses() {
			if process.GetPid() == 1 {
				return wantEqual("the first process", process.GetCommand(), "init")
			}
		}

		return want(false, "no first process")
	}},
}

// checkStats asks for all that tells of load; counters do not run backwards.
func checkStats(s *suite) {
	for _, node := range s.samples() {
		for _, one := range stats {
			s.on(node, one.name, func(ctx context.Context) error {
				r, err := s.read(ctx, node)
				if err != nil {
					return err
				}

				return one.check(r, &emptypb.Empty{})
			})
		}
	}
}
