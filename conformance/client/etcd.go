package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// checkEtcd asks control planes for etcd.
func checkEtcd(s *suite) {
	for _, node := range []Node{s.node("cp-01"), s.node("cp-03")} {
		s.on(node, "EtcdMemberList", func(ctx context.Context) error {
			return s.checkMemberList(ctx, node)
		})

		s.on(node, "EtcdStatus", func(ctx context.Context) error {
			return s.checkEtcdStatus(ctx, node)
		})

		s.on(node, "EtcdAlarmList", func(ctx context.Context) error {
			reply, err := s.asAdmin(node).EtcdAlarmList(ctx)
			if err != nil {
				return err
			}

			return wantEqual("alarms", len(reply.GetMessages()[0].GetMemberAlarms()), 0)
		})

		s.on(node, "EtcdSnapshot", func(ctx context.Context) error {
			reader, err := s.asAdmin(node).EtcdSnapshot(ctx, &machine.EtcdSnapshotRequest{})
			if err != nil {
				return err
			}

			snapshot, err := io.ReadAll(reader)
			if err != nil {
				return err
			}

			// etcd ends a snapshot with a hash of it, which is not a whole number of sectors otherwise.
			if len(snapshot)%512 != sha256.Size {
				return fmt.Errorf("%d bytes", len(snapshot))
			}

			body, sum := snapshot[:len(snapshot)-sha256.Size], snapshot[len(snapshot)-sha256.Size:]
			hash := sha256.Sum256(body)

			return want(bytes.Equal(hash[:], sum), "the hash is wrong")
		})
	}

	s.check("etcd: leadership is handed over by the leader alone", s.checkForfeit)

	for _, node := range []Node{s.node("cp-01"), s.node("cp-03")} {
		s.on(node, "Bootstrap of a cluster that is", func(ctx context.Context) error {
			err := s.asAdmin(node).Bootstrap(ctx, &machine.BootstrapRequest{})

			return wantCode(err, codes.AlreadyExists, "etcd data directory is not empty")
		})
	}
}

func (s *suite) checkMemberList(ctx context.Context, node Node) error {
	for _, local := range []bool{false, true} {
		reply, err := s.asAdmin(node).EtcdMemberList(ctx, &machine.EtcdMemberListRequest{QueryLocal: local})
		if err != nil {
			return err
		}

		members := reply.GetMessages()[0].GetMembers()
		if err = wantEqual("members", len(members), 3); err != nil {
			return err
		}

		for _, member := range members {
			peer := s.node(member.GetHostname())

			if err = all(
				wantEqual("peer's address", member.GetPeerUrls(), []string{"https://" + peer.Address + ":2380"}),
				wantEqual("client's address", member.GetClientUrls(), []string{"https://" + peer.Address + ":2379"}),
				wantEqual("learns", member.GetIsLearner(), false),
				want(member.GetId() != 0, "no id"),
			); err != nil {
				return err
			}
		}
	}

	return nil
}

func (s *suite) checkEtcdStatus(ctx context.Context, node Node) error {
	reply, err := s.asAdmin(node).EtcdStatus(ctx)
	if err != nil {
		return err
	}

	status := reply.GetMessages()[0].GetMemberStatus()

	return all(
		want(status.GetMemberId() != 0 && status.GetLeader() != 0, "member %d, leader %d", status.GetMemberId(), status.GetLeader()),
		want(status.GetDbSize() >= status.GetDbSizeInUse() && status.GetDbSizeInUse() > 0, "%d of %d", status.GetDbSizeInUse(), status.GetDbSize()),
		want(status.GetRaftIndex() >= status.GetRaftAppliedIndex() && status.GetRaftTerm() > 0, "%v", status),
		wantMatch("version", status.GetProtocolVersion(), `^3\.\d+\.\d+$`),
		wantMatch("storage's version", status.GetStorageVersion(), `^3\.\d+\.0$`),
		wantEqual("errors", len(status.GetErrors()), 0),
	)
}

// checkForfeit finds the leader, has it hand over, and asks it again.
func (s *suite) checkForfeit(ctx context.Context) error {
	var leader Node

	for _, node := range s.members() {
		if !node.controlPlane() {
			continue
		}

		status, err := s.asAdmin(node).EtcdStatus(ctx)
		if err != nil {
			return err
		}

		if member := status.GetMessages()[0].GetMemberStatus(); member.GetMemberId() == member.GetLeader() {
			leader = node
		}
	}

	if leader.Name == "" {
		return fmt.Errorf("nobody leads")
	}

	handedOver, err := s.asAdmin(leader).EtcdForfeitLeadership(ctx, &machine.EtcdForfeitLeadershipRequest{})
	if err != nil {
		return err
	}

	again, err := s.asAdmin(leader).EtcdForfeitLeadership(ctx, &machine.EtcdForfeitLeadershipRequest{})
	if err != nil {
		return err
	}

	next := handedOver.GetMessages()[0].GetMember()

	return all(
		want(next != "" && next != leader.Name, "%s leads after %s", next, leader.Name),
		wantEqual("who leads after one that does not", again.GetMessages()[0].GetMember(), ""),
	)
}
