package main

import (
	"google.golang.org/protobuf/types/known/emptypb"
)

func checkSystemStat(r *reading, empty *emptypb.Empty) error {
	first, err := r.api.MachineClient.SystemStat(r.ctx, empty)
	if err != nil {
		return err
	}

	second, err := r.api.MachineClient.SystemStat(r.ctx, empty)
	if err != nil {
		return err
	}

	before, after := first.GetMessages()[0], second.GetMessages()[0]

	var user float64
	for _, processor := range after.GetCpu() {
		user += processor.GetUser()
	}

	return all(
		want(after.GetBootTime() > 0 && after.GetBootTime() == before.GetBootTime(), "booted at %d", after.GetBootTime()),
		want(after.GetCpuTotal().GetIdle() >= before.GetCpuTotal().GetIdle(), "idle time runs backwards"),
		want(after.GetContextSwitches() >= before.GetContextSwitches(), "context switches run backwards"),
		want(user > after.GetCpuTotal().GetUser()*0.9 && user < after.GetCpuTotal().GetUser()*1.1,
			"processors worked for %f s, in total %f s", user, after.GetCpuTotal().GetUser()),
		want(after.GetProcessRunning() > 0 && after.GetSoftIrq() != nil, "%v", after.GetProcessRunning()),
	)
}
