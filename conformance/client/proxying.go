package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/safe"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// checkProxying asks one node through another.
func checkProxying(s *suite) {
	for _, through := range []Node{s.node("cp-01"), s.node("cp-03")} {
		for _, target := range []Node{s.node("cp-02"), s.node("gpu-01"), s.node("gpu-06"), through} {
			s.on(through, "asks for "+target.Name, func(ctx context.Context) error {
				ctx = client.WithNode(ctx, target.Address)
				c := s.asAdmin(through)

				version, err := c.Version(ctx)
				if err != nil {
					return err
				}

				hostname, err := safe.StateGetByID[*network.HostnameStatus](ctx, c.COSI, network.HostnameID)
				if err != nil {
					return err
				}

				return all(
					wantEqual("release", version.GetMessages()[0].GetVersion().GetTag(), s.release(target)),
					wantEqual("host name", hostname.TypedSpec().Hostname, target.Name),
				)
			})
		}

		s.on(through, "the caller's roles hold on other nodes", func(ctx context.Context) error {
			_, err := s.connect(through, reader).ServiceRestart(client.WithNode(ctx, s.node("gpu-01").Address), "kubelet")

			return wantCode(err, codes.PermissionDenied, "not authorized")
		})

		s.on(through, "asks for a node that is not there", func(ctx context.Context) error {
			_, err := s.asAdmin(through).Version(client.WithNode(ctx, "127.0.0.99"))

			return wantCode(err, codes.Unavailable, "connection error")
		})

		s.on(through, "resources are not asked of many nodes", func(ctx context.Context) error {
			ctx = metadata.AppendToOutgoingContext(ctx, "nodes", s.node("gpu-01").Address)
			_, err := safe.StateGetByID[*network.HostnameStatus](ctx, s.asAdmin(through).COSI, network.HostnameID)

			return wantCode(err, codes.InvalidArgument, "one-2-many proxying is not supported for")
		})

		s.on(through, "refuses two single nodes", func(ctx context.Context) error {
			ctx = metadata.AppendToOutgoingContext(ctx, "node", "127.0.0.98", "node", "127.0.0.99")
			_, err := s.asAdmin(through).Version(ctx)

			return wantCode(err, codes.InvalidArgument, "node metadata must be single-valued")
		})
	}

	for _, worker := range []Node{s.node("gpu-01"), s.node("gpu-06")} {
		s.on(worker, "a worker asks no other node", func(ctx context.Context) error {
			_, err := s.asAdmin(worker).Version(client.WithNode(ctx, s.node("cp-01").Address))

			return wantCode(err, codes.PermissionDenied, "no request forwarding")
		})

		s.on(worker, "a worker answers to its own address", func(ctx context.Context) error {
			_, err := s.asAdmin(worker).Version(client.WithNode(ctx, worker.Address))

			return err
		})
	}

	waiting := s.node("new-01")

	s.on(waiting, "in maintenance mode a node answers itself, whoever is asked for", func(ctx context.Context) error {
		c, err := s.look(waiting)
		if err != nil {
			return err
		}

		_, err = c.Version(client.WithNode(ctx, s.node("cp-01").Address))

		return err
	})
}
