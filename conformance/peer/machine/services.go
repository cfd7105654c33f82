package machine

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// action is a service's state, which is what a transition leads to.
type action = machine.ServiceStateEvent_Action

// words are the states as ServiceList says them.
var words = map[action]string{
	machine.ServiceStateEvent_INITIALIZED: "Initialized", machine.ServiceStateEvent_PREPARING: "Preparing",
	machine.ServiceStateEvent_WAITING: "Waiting", machine.ServiceStateEvent_RUNNING: "Running",
	machine.ServiceStateEvent_STOPPING: "Stopping", machine.ServiceStateEvent_FINISHED: "Finished",
	machine.ServiceStateEvent_FAILED: "Failed", machine.ServiceStateEvent_SKIPPED: "Skipped",
	machine.ServiceStateEvent_STARTING: "Starting",
}

// checked have a health check; the health of the others stays unknown.
var checked = map[string]bool{
	"apid": true, "auditd": true, "containerd": true, "cri": true, "etcd": true, "kubelet": true, "machined": true,
	"syslogd": true, "trustd": true, "udevd": true,
}

// keptEvents is how many transitions a service remembers.
const keptEvents = 64

// service is what is told of one.
type service struct {
	state   action
	healthy *bool
	message string
	changed time.Time
	history []*machine.ServiceEvent
}

// services are those of one boot.
type services struct {
	boot *Boot

	mu      sync.Mutex
	table   map[string]*service
	changed chan struct{}
}

func newServices(boot *Boot) *services {
	return &services{boot: boot, table: map[string]*service{}, changed: make(chan struct{})}
}

// health is a service's as ServiceList says it.
func (service *service) health() *machine.ServiceHealth {
	return &machine.ServiceHealth{
		Unknown: service.healthy == nil, Healthy: service.healthy != nil && *service.healthy,
		LastMessage: service.message, LastChange: timestamppb.New(service.changed),
	}
}

// set moves a service: its table entry, its event, its resource and its line in the kernel log.
func (all *services) set(id string, state action, message string, healthy *bool) {
	all.mu.Lock()
	moved, known := all.table[id]
	if !known {
		moved = &service{}
		all.table[id] = moved
	}

	now := time.Now()
	moved.history = append(moved.history, &machine.ServiceEvent{Msg: message, State: words[state], Ts: timestamppb.New(now)})
	moved.history = moved.history[max(0, len(moved.history)-keptEvents):]
	moved.state, moved.healthy = state, healthy
	if healthy != nil {
		moved.changed = now
	}

	event := &machine.ServiceStateEvent{Service: id, Action: state, Message: message, Health: moved.health()}
	close(all.changed)
	all.changed = make(chan struct{})
	all.mu.Unlock()

	all.boot.Events.Publish("", event)
	all.boot.talos("service[%s](%s): %s", id, words[state], message)
	all.boot.publishService(id, event)
}

// start brings a service up at once, healthy where it has a check.
func (all *services) start(id string) {
	all.boot.Logs.Of(id).Append(time.Now().UTC().Format(time.RFC3339) + " " + id + " starts")
	all.set(id, machine.ServiceStateEvent_STARTING, "Starting service", nil)
	all.set(id, machine.ServiceStateEvent_RUNNING, "Started task "+id, nil)

	if checked[id] {
		well := true
		all.set(id, machine.ServiceStateEvent_RUNNING, "Health check successful", &well)
	}
}

// stop ends the services that run; those named stay.
func (all *services) stop(stays ...string) {
	for _, id := range all.ids() {
		if slices.Contains(stays, id) || all.state(id) != machine.ServiceStateEvent_RUNNING {
			continue
		}
		all.set(id, machine.ServiceStateEvent_STOPPING, "Sending SIGTERM to task "+id, nil)
		all.set(id, machine.ServiceStateEvent_FINISHED, "Service finished successfully", nil)
	}
}

func (all *services) ids() []string {
	all.mu.Lock()
	defer all.mu.Unlock()

	return slices.Sorted(maps.Keys(all.table))
}

func (all *services) state(id string) action {
	all.mu.Lock()
	defer all.mu.Unlock()

	if found, known := all.table[id]; known {
		return found.state
	}

	return machine.ServiceStateEvent_INITIALIZED
}

// settled tells whether every service is up or has finished, and what wakes up when that may change.
func (all *services) settled() (bool, <-chan struct{}) {
	all.mu.Lock()
	defer all.mu.Unlock()

	for id, found := range all.table {
		up := found.state == machine.ServiceStateEvent_RUNNING && (!checked[id] || found.healthy != nil && *found.healthy)
		if !up && found.state != machine.ServiceStateEvent_FINISHED {
			return false, all.changed
		}
	}

	return true, all.changed
}

// Services as ServiceList answers.
func (boot *Boot) Services() []*machine.ServiceInfo {
	all := boot.services
	all.mu.Lock()
	defer all.mu.Unlock()

	list := make([]*machine.ServiceInfo, 0, len(all.table))
	for _, id := range slices.Sorted(maps.Keys(all.table)) {
		found := all.table[id]
		list = append(list, &machine.ServiceInfo{
			Id: id, State: words[found.state], Health: found.health(),
			Events: &machine.ServiceEvents{Events: slices.Clone(found.history)},
		})
	}

	return list
}

// publishService keeps the resource of a service: there while it runs.
func (boot *Boot) publishService(id string, event *machine.ServiceStateEvent) {
	if event.Action != machine.ServiceStateEvent_RUNNING {
		boot.drop(v1alpha1.NewService(id))

		return
	}

	put(boot, "v1alpha1.ServiceController", v1alpha1.NewService(id), func(service *v1alpha1.Service) {
		*service.TypedSpec() = v1alpha1.ServiceSpec{
			Running: true, Healthy: event.GetHealth().GetHealthy(), Unknown: event.GetHealth().GetUnknown(),
		}
	})
}
