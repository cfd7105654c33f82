package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// task is one step of a phase; without work it only takes a moment.
type task struct {
	name string
	work func(ctx context.Context) error
}

// phase is one of a sequence's, whose tasks run one after the other.
type phase struct {
	name  string
	tasks []task
}

// sequence is the one that runs.
type sequence struct {
	name   string
	cancel context.CancelCauseFunc
	done   chan struct{}
}

var (
	errLocked    = errors.New("locked")
	errTakenOver = errors.New("another sequence took over")
	// errLeaving ends a sequence that restarts the machine or switches it off.
	errLeaving = errors.New("the machine is leaving")
)

// yields are the sequences that make way for others: a boot for whatever takes the machine down.
var yields = map[string]bool{"boot": true}

// patience is how long a sequence waits for another to end before it is refused.
const patience = time.Minute

// lock lets one sequence run at a time. One that makes way is cancelled; for any other the new one waits a while.
func (boot *Boot) lock(ctx context.Context, name string, takeover bool) (context.Context, *sequence, error) {
	limit, stop := context.WithTimeout(ctx, time.Duration(float64(patience)*boot.Machine.Spec.TimeScale))
	defer stop()

	for {
		boot.mu.Lock()
		before := boot.running
		if before == nil {
			inner, cancel := context.WithCancelCause(ctx)
			boot.running = &sequence{name: name, cancel: cancel, done: make(chan struct{})}
			next := boot.running
			boot.mu.Unlock()

			return inner, next, nil
		}
		boot.mu.Unlock()

		if takeover || yields[before.name] {
			before.cancel(errTakenOver)
		}

		select {
		case <-before.done:
		case <-limit.Done():
			return nil, nil, errLocked
		}
	}
}

// unlock lets the next sequence run.
func (boot *Boot) unlock(done *sequence) {
	done.cancel(nil)

	boot.mu.Lock()
	if boot.running == done {
		boot.running = nil
	}
	boot.mu.Unlock()
	close(done.done)
}

// failed tells why a sequence did not start or did not end well.
func (boot *Boot) failed(name, actor string, code common.Code, message string) {
	boot.Events.Publish(actor, &machine.SequenceEvent{
		Sequence: name, Action: machine.SequenceEvent_NOOP, Error: &common.Error{Code: code, Message: message},
	})
}

// run carries out a sequence and tells of it as a node does: start, phases, tasks, stop, and why it failed.
func (boot *Boot) run(name, actor string, takeover bool, phases []phase) error {
	ctx, own, err := boot.lock(boot.Context, name, takeover)
	if err != nil {
		boot.failed(name, actor, common.Code_LOCKED, "sequence not started: locked")

		return err
	}
	defer boot.unlock(own)

	err = boot.runPhases(ctx, name, actor, phases)

	switch {
	case err == nil:
	case errors.Is(context.Cause(ctx), errTakenOver):
		err = errTakenOver
		boot.failed(name, actor, common.Code_CANCELED, "sequence failed: context canceled")
	default:
		boot.failed(name, actor, common.Code_FATAL, "sequence failed: "+err.Error())
	}

	return err
}

// runPhases tells of start and end, and runs what is between.
func (boot *Boot) runPhases(ctx context.Context, name, actor string, phases []phase) error {
	boot.Events.Publish(actor, &machine.SequenceEvent{Sequence: name, Action: machine.SequenceEvent_START})
	defer boot.Events.Publish(actor, &machine.SequenceEvent{Sequence: name, Action: machine.SequenceEvent_STOP})

	boot.talos("%s sequence: %d phases", name, len(phases))

	for number, phase := range phases {
		boot.talos("phase %s, %d of %d: %d tasks", phase.name, number+1, len(phases), len(phase.tasks))

		if err := boot.runPhase(ctx, actor, phase); err != nil {
			return fmt.Errorf("phase %d of the %s sequence: %w", number+1, name, err)
		}
	}

	return nil
}

// runPhase runs the tasks of a phase.
func (boot *Boot) runPhase(ctx context.Context, actor string, phase phase) error {
	boot.Events.Publish(actor, &machine.PhaseEvent{Phase: phase.name, Action: machine.PhaseEvent_START})
	defer boot.Events.Publish(actor, &machine.PhaseEvent{Phase: phase.name, Action: machine.PhaseEvent_STOP})

	for number, task := range phase.tasks {
		if err := boot.runTask(ctx, actor, task); err != nil {
			return fmt.Errorf("task %d of %d: %w", number+1, len(phase.tasks), err)
		}
	}

	return nil
}

// moment is how long a task takes that has nothing to do here.
const moment = 150 * time.Millisecond

// runTask runs one task.
func (boot *Boot) runTask(ctx context.Context, actor string, task task) error {
	boot.Events.Publish(actor, &machine.TaskEvent{Task: task.name, Action: machine.TaskEvent_START})
	defer boot.Events.Publish(actor, &machine.TaskEvent{Task: task.name, Action: machine.TaskEvent_STOP})

	if err := boot.Machine.pause(ctx, moment); err != nil {
		return err
	}

	if task.work == nil {
		return nil
	}

	return task.work(ctx)
}
