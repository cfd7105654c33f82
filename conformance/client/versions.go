package main

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/client"
)

// look returns a client for a node, whichever way it is reached.
func (s *suite) look(node Node) (*client.Client, error) {
	if node.Cluster != nil {
		return s.asAdmin(node), nil
	}

	key := "maintenance/" + node.Name
	if known, ok := s.clients[key]; ok {
		return known, nil
	}

	fingerprint, err := fingerprintOf(s.ctx, node)
	if err != nil {
		return nil, err
	}

	c, err := s.connectMaintenance(node, fingerprint)
	if err == nil {
		s.clients[key] = c
	}

	return c, err
}

// checkVersions asks each node for its release.
func checkVersions(s *suite) {
	for _, node := range s.input.Nodes {
		s.on(node, "Version", func(ctx context.Context) error {
			c, err := s.look(node)
			if err != nil {
				return err
			}

			reply, err := c.Version(ctx)
			if err != nil {
				return err
			}

			if len(reply.GetMessages()) != 1 {
				return fmt.Errorf("%d messages", len(reply.GetMessages()))
			}

			message := reply.GetMessages()[0]

			return all(
				wantEqual("tag", message.GetVersion().GetTag(), s.release(node)),
				wantEqual("architecture", message.GetVersion().GetArch(), "amd64"),
				wantEqual("operating system", message.GetVersion().GetOs(), "linux"),
				wantMatch("Go's version", message.GetVersion().GetGoVersion(), `^go1\.\d+`),
				wantMatch("commit", message.GetVersion().GetSha(), `^[0-9a-f]{8}$`),
				wantEqual("platform", message.GetPlatform().GetName(), "metal"),
				wantEqual("mode", message.GetPlatform().GetMode(), "metal"),
				wantEqual("roles are enforced", message.GetFeatures().GetRbac(), node.Cluster != nil),
			)
		})
	}
}
