package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/types/known/emptypb"

	peer "ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/wire"
)

// Sizes of etcd's database.
const (
	dbBytes    = 20 << 20
	dbInUse    = 8 << 20
	snapshotKB = 300
)

// etcd gives the node's member, or says why there is none.
func (service *machineService) etcd(what string) (*peer.Etcd, error) {
	if err := service.onlyControlPlane(what); err != nil {
		return nil, err
	}

	data := service.boot.Etcd()
	if data == nil {
		return nil, errors.New("failed to create etcd client: context deadline exceeded")
	}

	return data, nil
}

// EtcdMemberList tells the members as this one knows them.
func (service *machineService) EtcdMemberList(context.Context, *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	data, err := service.etcd("member list")
	if err != nil {
		return nil, err
	}

	list := &machine.EtcdMembers{}
	for _, member := range data.Members {
		list.LegacyMembers = append(list.LegacyMembers, member.Hostname)
		list.Members = append(list.Members, &machine.EtcdMember{
			Id: member.ID, Hostname: member.Hostname,
			PeerUrls: []string{"https://" + member.Address + ":2380"}, ClientUrls: []string{"https://" + member.Address + ":2379"},
		})
	}

	return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{list}}, nil
}

// EtcdStatus tells where this member stands; its index grows with time.
func (service *machineService) EtcdStatus(context.Context, *emptypb.Empty) (*machine.EtcdStatusResponse, error) {
	data, err := service.etcd("etcd status")
	if err != nil {
		return nil, err
	}

	index := data.Index + uint64(service.uptime()*12)

	return &machine.EtcdStatusResponse{Messages: []*machine.EtcdStatus{{MemberStatus: &machine.EtcdMemberStatus{
		MemberId: data.Own, ProtocolVersion: "3.6.11", StorageVersion: "3.6.0", DbSize: dbBytes, DbSizeInUse: dbInUse,
		Leader: data.Leader, RaftIndex: index, RaftTerm: data.Term, RaftAppliedIndex: index,
	}}}}, nil
}

// EtcdAlarmList has no alarm, and still one message.
func (service *machineService) EtcdAlarmList(context.Context, *emptypb.Empty) (*machine.EtcdAlarmListResponse, error) {
	if _, err := service.etcd("etcd alarm list"); err != nil {
		return nil, err
	}

	return &machine.EtcdAlarmListResponse{Messages: []*machine.EtcdAlarm{{}}}, nil
}

// EtcdForfeitLeadership hands the lead to another member, and names it.
func (service *machineService) EtcdForfeitLeadership(context.Context, *machine.EtcdForfeitLeadershipRequest) (*machine.EtcdForfeitLeadershipResponse, error) {
	if _, err := service.etcd("etcd forfeit leadership"); err != nil {
		return nil, err
	}

	member, err := service.boot.ForfeitLeadership()
	if err != nil {
		return nil, err
	}

	return &machine.EtcdForfeitLeadershipResponse{Messages: []*machine.EtcdForfeitLeadership{{Member: member}}}, nil
}

// snapshot is a database and, as etcd appends it, its checksum.
func snapshot(seed string) []byte {
	block := sha256.Sum256([]byte(seed))

	bytes := make([]byte, 0, snapshotKB<<10+sha256.Size)
	for len(bytes) < snapshotKB<<10 {
		bytes = append(bytes, block[:]...)
	}

	sum := sha256.Sum256(bytes)

	return append(bytes, sum[:]...)
}

// EtcdSnapshot sends the database with its checksum at the end.
func (service *machineService) EtcdSnapshot(_ *machine.EtcdSnapshotRequest, stream machine.MachineService_EtcdSnapshotServer) error {
	data, err := service.etcd("etcd snapshot")
	if err != nil {
		return err
	}

	return wire.Chunks(snapshot(fmt.Sprint(data.Own)), sendBytes(stream))
}
