package main

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/client"
)

// legacyTasks are the tasks of the upgrade sequence of a worker on 1.12, until its API ends.
var legacyTasks = []string{
	"cordonAndDrainNode", "stopAllPods", "stopDBus", "stopServicesForUpgrade", "unmountPodMounts", "unmountSystemDiskBindMounts",
	"unmountEphemeralPartition", "teardownLifecycle", "upgrade", "reloadMeta", "kexecPrepare", "stopAllServices",
}

// checkLegacyUpgrade upgrades a node of 1.12, where one call does it all.
func checkLegacyUpgrade(s *suite) {
	node := s.node("w-01")

	s.on(node, "Upgrade to an image that is not to be had", func(ctx context.Context) error {
		_, err := s.asAdmin(node).UpgradeWithOptions(ctx, //nolint:staticcheck // 1.12 has only this
			client.WithUpgradeImage(registry+fmt.Sprintf("%064d", 1)+":v1.13.9"))

		return wantCode(err, codes.Unknown, "error validating installer image")
	})

	s.on(node, "Upgrade, tracked to its end", func(ctx context.Context) error {
		schematic, err := s.schematic(ctx, "siderolabs/i915")
		if err != nil {
			return err
		}

		seen, err := s.track(ctx, node, func(ctx context.Context, c *client.Client) (string, error) {
			reply, err := c.UpgradeWithOptions(ctx, //nolint:staticcheck // 1.12 has only this
				client.WithUpgradeImage(registry+schematic+":v1.13.9"), client.WithUpgradePreserve(true))
			if err != nil {
				return "", err
			}

			message := reply.GetMessages()[0]

			return message.GetActorId(), wantEqual("answer", message.GetAck(), "Upgrade request received")
		})
		if err != nil {
			return err
		}

		r, err := s.read(ctx, node)
		if err != nil {
			return err
		}

		return all(
			wantEqual("sequences", seen.sequences, []string{"upgrade START "}),
			wantEqual("tasks", seen.tasks, legacyTasks),
			want(slices.Contains(seen.phases, "upgrade"), "phases %v", seen.phases),
			wantEqual("release", r.truth.Running.Release, "v1.13.9"),
			wantEqual("schematic", r.truth.Running.SchematicID, schematic),
			checkExtensions(r), checkVersionResource(r),
		)
	})
}
