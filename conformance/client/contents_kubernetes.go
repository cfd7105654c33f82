package main

import (
	"fmt"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

func checkKubernetesNode(r *reading) error {
	nodename, err := resourceOf[*k8s.Nodename](r, k8s.NodenameID)
	if err != nil {
		return err
	}

	status, err := resourceOf[*k8s.NodeStatus](r, nodename.TypedSpec().Nodename)
	if err != nil {
		return err
	}

	addresses, err := resourceOf[*k8s.NodeIP](r, k8s.KubeletID)
	if err != nil {
		return err
	}

	kubelet, err := resourceOf[*k8s.KubeletSpec](r, k8s.KubeletID)
	if err != nil {
		return err
	}

	_, labelled := status.TypedSpec().Labels["node-role.kubernetes.io/control-plane"]

	return all(
		wantEqual("node name", nodename.TypedSpec().Nodename, r.truth.Hostname),
		wantEqual("ready", status.TypedSpec().NodeReady, true),
		wantEqual("cordoned", status.TypedSpec().Unschedulable, false),
		wantEqual("control plane's label", labelled, r.node.controlPlane()),
		wantEqual("expected node name", kubelet.TypedSpec().ExpectedNodename, r.truth.Hostname),
		wantMatch("kubelet's image", kubelet.TypedSpec().Image, `^ghcr\.io/siderolabs/kubelet:v1\.\d+\.\d+$`),
		want(len(addresses.TypedSpec().Addresses) == 1 && addresses.TypedSpec().Addresses[0].String() == r.node.Address,
			"addresses %v", addresses.TypedSpec().Addresses),
	)
}

func checkStaticPods(r *reading) error {
	pods, err := resourcesOf[*k8s.StaticPodStatus](r)
	if err != nil {
		return err
	}

	var names []string

	for id, pod := range pods {
		names = append(names, id)

		status, ok := pod.TypedSpec().PodStatus["phase"].(string)
		if !ok || status != "Running" {
			return fmt.Errorf("%s is %v", id, pod.TypedSpec().PodStatus)
		}
	}

	slices.Sort(names)

	return wantEqual("static pods", names, []string{
		"kube-system/kube-apiserver-" + r.truth.Hostname,
		"kube-system/kube-controller-manager-" + r.truth.Hostname,
		"kube-system/kube-scheduler-" + r.truth.Hostname,
	})
}
