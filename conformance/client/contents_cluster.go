package main

import (
	"encoding/base64"
	"fmt"

	configmachine "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
)

// checkMembers wants every node of the cluster, as discovery tells of it.
func checkMembers(r *reading) error {
	members, err := resourcesOf[*cluster.Member](r)
	if err != nil {
		return err
	}

	wanted := r.members()

	for _, node := range wanted {
		member := members[node.Name]
		if member == nil {
			return fmt.Errorf("%s is missing", node.Name)
		}

		spec := member.TypedSpec()
		machineType := configmachine.TypeWorker

		if node.controlPlane() {
			machineType = configmachine.TypeControlPlane
		}

		if err = all(
			wantEqual("host name", spec.Hostname, node.Name),
			wantEqual("type of "+node.Name, spec.MachineType, machineType),
			wantEqual("control plane of "+node.Name, spec.ControlPlane != nil, node.controlPlane()),
			wantEqual("system of "+node.Name, spec.OperatingSystem, fmt.Sprintf("Talos (%s)", r.release(node))),
			want(len(spec.Addresses) == 1 && spec.Addresses[0].String() == node.Address, "%s at %v", node.Name, spec.Addresses),
		); err != nil {
			return err
		}
	}

	return wantEqual("members", len(members), len(wanted))
}

func checkCluster(r *reading) error {
	info, err := resourceOf[*cluster.Info](r, cluster.InfoID)
	if err != nil {
		return err
	}

	identity, err := resourceOf[*cluster.Identity](r, cluster.LocalIdentity)
	if err != nil {
		return err
	}

	members, err := resourcesOf[*cluster.Member](r)
	if err != nil {
		return err
	}

	id, err := base64.URLEncoding.DecodeString(info.TypedSpec().ClusterID)

	return all(
		err,
		wantEqual("bytes of the cluster's id", len(id), 32),
		wantEqual("cluster", info.TypedSpec().ClusterName, *r.node.Cluster),
		wantEqual("the node's id", identity.TypedSpec().NodeID, members[r.node.Name].TypedSpec().NodeID),
	)
}

// checkEtcdMember wants the id that etcd itself gives.
func checkEtcdMember(r *reading) error {
	member, err := resourceOf[*etcd.Member](r, etcd.LocalMemberID)
	if err != nil {
		return err
	}

	id, err := etcd.ParseMemberID(member.TypedSpec().MemberID)
	if err != nil {
		return err
	}

	status, err := r.api.EtcdStatus(r.ctx)
	if err != nil {
		return err
	}

	return wantEqual("member", id, status.GetMessages()[0].GetMemberStatus().GetMemberId())
}
