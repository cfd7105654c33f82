package main

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

const registry = "factory.talos.dev/metal-installer/"

// checkImages pulls and lists images.
func checkImages(s *suite) {
	for _, node := range []Node{s.node("gpu-03"), s.node("gpu-08")} {
		s.on(node, "ImageService: pull, pull again, list", func(ctx context.Context) error {
			return s.checkPull(ctx, node)
		})

		s.on(node, "ImageService: what cannot be had", func(ctx context.Context) error {
			return s.checkNoImages(ctx, node)
		})
	}
}

func (s *suite) checkPull(ctx context.Context, node Node) error {
	id, err := s.schematic(ctx, "siderolabs/i915")
	if err != nil {
		return err
	}

	image := registry + id + ":v1.14.0"

	first, err := s.pull(ctx, node, systemContainerd(), image)
	if err != nil {
		return err
	}

	for layer, statuses := range first.layers {
		last := statuses[len(statuses)-1]
		if err = all(
			wantMatch("layer", layer, `^[0-9a-f]{12}$`),
			want(last == machine.ImageServicePullLayerProgress_EXTRACT_COMPLETE || last == machine.ImageServicePullLayerProgress_ALREADY_EXISTS,
				"%s ends with %s", layer, last),
		); err != nil {
			return err
		}
	}

	again, err := s.pull(ctx, node, systemContainerd(), image)
	if err != nil {
		return err
	}

	stream, err := s.asAdmin(node).ImageClient.List(ctx, &machine.ImageServiceListRequest{Containerd: systemContainerd()})
	if err != nil {
		return err
	}

	images, err := collect(stream.Recv)
	if err != nil {
		return err
	}

	var names []string

	for _, one := range images {
		names = append(names, one.GetName())

		if err = all(
			wantMatch("digest", one.GetDigest(), `^sha256:[0-9a-f]{64}$`),
			want(one.GetSize() > 0 && one.GetCreatedAt() != nil, "%v", one),
		); err != nil {
			return err
		}
	}

	return all(
		want(len(first.layers) >= 5, "%d layers", len(first.layers)),
		wantMatch("name", first.name, "^"+registry+id+"@sha256:[0-9a-f]{64}$"),
		wantEqual("name when it is there", again.name, first.name),
		wantEqual("layers when it is there", len(again.layers), 0),
		want(slices.Contains(names, image) && slices.Contains(names, first.name), "images %v", names),
	)
}

func (s *suite) checkNoImages(ctx context.Context, node Node) error {
	own, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	known := registry + own.Running.SchematicID

	impossible, err := s.schematic(ctx, "siderolabs/riddles")
	if err != nil {
		return err
	}

	for _, one := range []struct {
		name       string
		containerd *common.ContainerdInstance
		image      string
		code       codes.Code
		text       string
	}{
		{"an unknown schematic", systemContainerd(), registry + fmt.Sprintf("%064d", 1) + ":v1.14.0", codes.NotFound, "error pulling image: failed to pull image"},
		{"an unknown release", systemContainerd(), known + ":v9.9.9", codes.NotFound, "not found"},
		{"what the factory cannot build", systemContainerd(), registry + impossible + ":v1.14.0", codes.Unknown, "400 Bad Request"},
		{"no namespace", &common.ContainerdInstance{}, known + ":v1.14.0", codes.InvalidArgument, "invalid containerd namespace NS_UNKNOWN"},
		{"nothing at all", nil, known + ":v1.14.0", codes.InvalidArgument, "invalid containerd namespace NS_UNKNOWN"},
		{
			"Kubernetes' namespace", &common.ContainerdInstance{Namespace: common.ContainerdNamespace_NS_CRI}, known + ":v1.14.0",
			codes.InvalidArgument, "cannot use CRI namespace with containerd driver",
		},
	} {
		_, err := s.pull(ctx, node, one.containerd, one.image)
		if err = wantCode(err, one.code, one.text); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}

	return nil
}
