package machine

import (
	"fmt"
	"strings"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

// unmet are the conditions that keep a machine from being ready. Only one that boots or runs has conditions.
func (boot *Boot) unmet(now runtime.MachineStage) (unmet []runtime.UnmetCondition) {
	if now != runtime.MachineStageBooting && now != runtime.MachineStageRunning {
		return nil
	}

	for _, condition := range []struct {
		name  string
		check func() (string, error)
	}{
		{"time", boot.timeUnmet}, {"network", boot.networkUnmet}, {"services", boot.servicesUnmet},
		{"staticPods", boot.staticPodsUnmet}, {"nodeReady", boot.nodeUnmet},
	} {
		reason, err := condition.check()
		if err != nil {
			reason = err.Error()
		}
		if reason != "" {
			unmet = append(unmet, runtime.UnmetCondition{Name: condition.name, Reason: reason})
		}
	}

	return unmet
}

// timeUnmet tells what is wrong with the clock.
func (boot *Boot) timeUnmet() (string, error) {
	status, err := safe.StateGet[*time.Status](boot.Context, boot.State, time.NewStatus().Metadata())
	if err == nil && !status.TypedSpec().Synced {
		return "the clock is not set", nil
	}

	return "", err
}

// networkUnmet tells what the network waits for.
func (boot *Boot) networkUnmet() (string, error) {
	status, err := safe.StateGetByID[*network.Status](boot.Context, boot.State, network.StatusID)
	if err == nil && !status.TypedSpec().AddressReady {
		return "waiting on: address", nil
	}

	return "", err
}

// required are the services that a machine of its kind has to run.
func (boot *Boot) required() []string {
	required := []string{"apid", "machined"}
	if boot.Config() == nil {
		return required
	}

	required = append(required, "kubelet")
	if boot.controlPlane() {
		required = append(required, "etcd", "trustd")
	}

	return required
}

// servicesUnmet tells which services do not run or are not healthy.
func (boot *Boot) servicesUnmet() (string, error) {
	list, err := safe.StateListAll[*v1alpha1.Service](boot.Context, boot.State)
	if err != nil {
		return "", err
	}

	var problems []string
	runs := map[string]bool{}
	for service := range list.All() {
		runs[service.Metadata().ID()] = service.TypedSpec().Running
		if !service.TypedSpec().Unknown && !service.TypedSpec().Healthy {
			problems = append(problems, service.Metadata().ID()+" not healthy")
		}
	}

	for _, id := range boot.required() {
		if !runs[id] {
			problems = append(problems, id+" not running")
		}
	}

	return strings.Join(problems, ", "), nil
}

// staticPodsUnmet tells which parts of the control plane do not run.
func (boot *Boot) staticPodsUnmet() (string, error) {
	list, err := safe.StateListAll[*k8s.StaticPodStatus](boot.Context, boot.State)
	if err != nil {
		return "", err
	}

	var problems []string
	for pod := range list.All() {
		if pod.TypedSpec().PodStatus["phase"] != "Running" {
			problems = append(problems, pod.Metadata().ID()+" not ready")
		}
	}

	return strings.Join(problems, ", "), nil
}

// nodeUnmet tells what Kubernetes lacks of the node.
func (boot *Boot) nodeUnmet() (string, error) {
	name, err := safe.StateGetByID[*k8s.Nodename](boot.Context, boot.State, k8s.NodenameID)
	if state.IsNotFoundError(err) {
		return "", nil
	}

	if err != nil {
		return "", err
	}

	node, err := safe.StateGetByID[*k8s.NodeStatus](boot.Context, boot.State, name.TypedSpec().Nodename)
	if state.IsNotFoundError(err) {
		return fmt.Sprintf("Kubernetes has no node %q yet", name.TypedSpec().Nodename), nil
	}

	if err == nil && !node.TypedSpec().NodeReady {
		return fmt.Sprintf("node %q is not ready", name.TypedSpec().Nodename), nil
	}

	return "", err
}
