package machine

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"

	"ichor.example/conformance/peer/events"
)

// stage tells what the machine is doing from the events of its sequences, as machined does.
type stage struct {
	now      runtime.MachineStage
	sequence string
}

// begun is the stage that a sequence brings as it starts.
var begun = map[string]runtime.MachineStage{
	"boot": runtime.MachineStageBooting, "initialize": runtime.MachineStageBooting,
	"shutdown": runtime.MachineStageShuttingDown, "reboot": runtime.MachineStageRebooting,
	"reset": runtime.MachineStageResetting, "upgrade": runtime.MachineStageUpgrading,
	"stageUpgrade": runtime.MachineStageUpgrading, "maintenanceUpgrade": runtime.MachineStageUpgrading,
}

// replaces are the sequences that put an image on the disk and restart into it.
var replaces = []string{"install", "upgrade", "stageUpgrade", "maintenanceUpgrade"}

// take follows an event.
func (stage *stage) take(event events.Event) {
	switch payload := event.Payload.(type) {
	case *machine.SequenceEvent:
		stage.takeSequence(payload)
	case *machine.PhaseEvent:
		if payload.Action != machine.PhaseEvent_START {
			return
		}
		if stage.sequence == "install" && payload.Phase == "install" {
			stage.now = runtime.MachineStageInstalling
		}
		if payload.Phase == "kexec" && slices.Contains(replaces, stage.sequence) {
			stage.now = runtime.MachineStageRebooting
		}
	case *machine.TaskEvent:
		if payload.Task != "runningMaintenance" {
			return
		}
		stage.now = runtime.MachineStageMaintenance
		if payload.Action == machine.TaskEvent_STOP {
			stage.now = runtime.MachineStageBooting
		}
	}
}

// takeSequence follows the start, the end or the failure of a sequence.
func (stage *stage) takeSequence(event *machine.SequenceEvent) {
	stage.sequence = event.Sequence

	switch event.Action {
	case machine.SequenceEvent_START:
		if next, known := begun[event.Sequence]; known {
			stage.now = next
		}
	case machine.SequenceEvent_NOOP:
		if event.Error.GetCode() == common.Code_FATAL && event.Error != nil && event.Sequence != "shutdown" {
			stage.now = runtime.MachineStageRebooting
		}
	case machine.SequenceEvent_STOP:
		if event.Sequence == "boot" {
			stage.now = runtime.MachineStageRunning
		}
		stage.sequence = ""
	}
}

// watched are the kinds that readiness depends on.
var watched = []resource.Kind{
	time.NewStatus().Metadata(), network.NewStatus(network.NamespaceName, network.StatusID).Metadata(), v1alpha1.NewService("").Metadata(),
	k8s.NewStaticPodStatus(k8s.NamespaceName, "").Metadata(), k8s.NewNodename(k8s.NamespaceName, "").Metadata(),
	k8s.NewNodeStatus(k8s.NamespaceName, "").Metadata(),
}

// watchStatus keeps MachineStatus, and tells of its changes as events.
func (boot *Boot) watchStatus() {
	woken := make(chan state.Event)
	for _, kind := range watched {
		if err := boot.State.WatchKind(boot.Context, kind, woken); err != nil {
			boot.complain("watching "+kind.Type(), err)

			return
		}
	}

	var present atomic.Int64
	turned := make(chan struct{}, 1)

	go func() {
		var derived stage
		err := boot.Events.Follow(boot.Context, events.Tail{Events: -1}, func(event events.Event) error {
			before := derived.now
			derived.take(event)
			present.Store(int64(derived.now))
			if before != derived.now {
				select {
				case turned <- struct{}{}:
				default:
				}
			}

			return nil
		})
		if !errors.Is(err, context.Canceled) {
			boot.complain("following events", err)
		}
	}()

	for {
		boot.refreshStatus(runtime.MachineStage(present.Load()))
		select {
		case <-boot.Context.Done():
			return
		case <-woken:
		case <-turned:
		}
	}
}

func (boot *Boot) refreshStatus(now runtime.MachineStage) {
	unmet := boot.unmet(now)
	changed := false

	put(boot, "runtime.MachineStatusController", runtime.NewMachineStatus(), func(status *runtime.MachineStatus) {
		spec := status.TypedSpec()
		changed = spec.Stage != now || spec.Status.Ready != (len(unmet) == 0) || !slices.Equal(spec.Status.UnmetConditions, unmet)
		spec.Stage, spec.Status.Ready, spec.Status.UnmetConditions = now, len(unmet) == 0, unmet
	})

	if !changed {
		return
	}

	if now == runtime.MachineStageRunning && len(unmet) == 0 {
		// A new image that works needs nothing to go back to.
		boot.Machine.change(func(disk *Disk) { disk.Fallback = none })
	}

	event := &machine.MachineStatusEvent{
		Stage:  machine.MachineStatusEvent_MachineStage(now),
		Status: &machine.MachineStatusEvent_MachineStatus{Ready: len(unmet) == 0},
	}
	for _, condition := range unmet {
		event.Status.UnmetConditions = append(event.Status.UnmetConditions,
			&machine.MachineStatusEvent_MachineStatus_UnmetCondition{Name: condition.Name, Reason: condition.Reason})
	}
	boot.Events.Publish("", event)
}
