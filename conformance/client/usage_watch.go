package main

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"

	"github.com/siderolabs/talos/pkg/machinery/resources/perf"
)

// checkUsageWatch wants new counters again and again, which Talos reads while somebody watches.
func (s *suite) checkUsageWatch(ctx context.Context, node Node) error {
	events := make(chan state.Event)
	cpu := resource.NewMetadata(perf.NamespaceName, perf.CPUType, perf.CPUID, resource.VersionUndefined)

	if err := s.asAdmin(node).COSI.Watch(ctx, cpu, events); err != nil {
		return err
	}

	var last float64

	for range 3 {
		event, err := next(ctx, events)
		if err != nil {
			return err
		}

		usage, ok := event.Resource.(*perf.CPU)
		if !ok {
			return fmt.Errorf("%T instead of usage", event.Resource)
		}

		if idle := usage.TypedSpec().CPUTotal.Idle; idle <= last {
			return fmt.Errorf("idle for %f s after %f s", idle, last)
		} else {
			last = idle
		}
	}

	return nil
}
