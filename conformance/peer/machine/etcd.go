package machine

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"ichor.example/conformance/peer/spec"
)

// EtcdMember is one of the cluster's, as all of them know each other.
type EtcdMember struct {
	ID       uint64
	Hostname string
	Address  string
}

// Etcd is the data directory of a member. Peers share nothing: each knows the others from what it was told.
type Etcd struct {
	Members []EtcdMember
	Own     uint64
	Leader  uint64
	Term    uint64
	Index   uint64
}

func memberID(hostname string) uint64 {
	hash := fnv.New64a()
	// A hash takes whatever it is given.
	_, _ = hash.Write([]byte("etcd member " + hostname))

	return hash.Sum64()
}

func newEtcd(node *spec.Node) *Etcd {
	own := EtcdMember{memberID(node.Hostname), node.Hostname, node.IP().String()}
	data := &Etcd{Own: own.ID, Members: []EtcdMember{own}, Term: 2, Index: 1000}

	for _, member := range node.Members {
		if member.Role == "controlplane" {
			data.Members = append(data.Members, EtcdMember{memberID(member.Hostname), member.Hostname, member.Address})
		}
	}

	slices.SortFunc(data.Members, func(a, b EtcdMember) int {
		if a.Hostname < b.Hostname {
			return -1
		}

		return 1
	})
	data.Leader = data.Members[0].ID

	return data
}

// Etcd gives a copy of what this node's etcd knows; nil while there is none.
func (boot *Boot) Etcd() *Etcd {
	boot.Machine.mu.Lock()
	defer boot.Machine.mu.Unlock()

	if boot.Machine.disk.Etcd == nil {
		return nil
	}

	known := *boot.Machine.disk.Etcd

	return &known
}

func (boot *Boot) startEtcd() {
	data := boot.Etcd()
	if data == nil {
		boot.services.set("etcd", machine.ServiceStateEvent_STARTING, "Starting service", nil)
		boot.services.set("etcd", machine.ServiceStateEvent_PREPARING, "Running pre state", nil)

		return
	}

	boot.services.start("etcd")
	put(boot, "etcd.MemberController", etcd.NewMember(etcd.NamespaceName, etcd.LocalMemberID), func(member *etcd.Member) {
		member.TypedSpec().MemberID = etcd.FormatMemberID(data.Own)
	})
	boot.startControlPlane()
}

// Bootstrap makes the first member of a new etcd.
func (boot *Boot) Bootstrap() error {
	if boot.services.state("etcd") == machine.ServiceStateEvent_INITIALIZED {
		return status.Error(codes.FailedPrecondition, "it is too early for a bootstrap")
	}

	if boot.Etcd() != nil {
		return status.Error(codes.AlreadyExists, "the directory of etcd is not empty")
	}

	boot.services.set("etcd", machine.ServiceStateEvent_FINISHED, "Bootstrap requested", nil)
	boot.Machine.change(func(disk *Disk) {
		disk.Etcd = newEtcd(boot.Machine.Spec)
		disk.Etcd.Members = slices.DeleteFunc(disk.Etcd.Members, func(member EtcdMember) bool { return member.ID != disk.Etcd.Own })
		disk.Etcd.Leader = disk.Etcd.Own
	})
	boot.startEtcd()

	return nil
}

// ForfeitLeadership hands the lead to another member; it gives that member's name, none where this one did not lead.
func (boot *Boot) ForfeitLeadership() (string, error) {
	data := boot.Etcd()

	switch {
	case data == nil:
		return "", fmt.Errorf("failed to create etcd client: %w", errNoEtcd)
	case len(data.Members) == 1:
		return "", fmt.Errorf("failed to forfeit leadership: %w", errOnlyMember)
	case data.Leader != data.Own:
		return "", nil
	}

	for _, member := range data.Members {
		if member.ID != data.Own {
			boot.Machine.change(func(disk *Disk) { disk.Etcd.Leader, disk.Etcd.Term = member.ID, disk.Etcd.Term+1 })

			return member.Hostname, nil
		}
	}

	return "", errOnlyMember
}
