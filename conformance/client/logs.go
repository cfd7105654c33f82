package main

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// checkLogs reads logs, in part and on and on.
func checkLogs(s *suite) {
	for _, node := range s.samples() {
		s.on(node, "LogsContainers", func(ctx context.Context) error {
			reply, err := s.asAdmin(node).LogsContainers(ctx)
			if err != nil {
				return err
			}

			ids := reply.GetMessages()[0].GetIds()

			for _, id := range []string{"apid", "controller-runtime", "kernel", "kubelet", "machined"} {
				if !slices.Contains(ids, id) {
					return want(false, "%s is missing in %v", id, ids)
				}
			}

			return nil
		})

		s.on(node, "Logs: all, some, and what follows", func(ctx context.Context) error {
			return s.checkServiceLog(ctx, node)
		})

		s.on(node, "Logs of what has none", func(ctx context.Context) error {
			_, unknown := s.logLines(ctx, node, constants.SystemContainerdNamespace, "riddles", -1)
			_, container := s.logLines(ctx, node, constants.K8sContainerdNamespace, "kube-system/riddles", -1)

			return all(
				wantCode(unknown, codes.Unknown, `log "riddles" was not registered`),
				wantCode(container, codes.Unknown, `container "kube-system/riddles" not found`),
			)
		})

		s.on(node, "Dmesg: all, and what follows", func(ctx context.Context) error {
			return s.checkDmesg(ctx, node)
		})
	}
}

func (s *suite) logLines(ctx context.Context, node Node, namespace, id string, tail int32) ([]string, error) {
	driver := common.ContainerDriver_CONTAINERD
	if namespace == constants.K8sContainerdNamespace {
		driver = common.ContainerDriver_CRI
	}

	stream, err := s.asAdmin(node).Logs(ctx, namespace, driver, id, false, tail)
	if err != nil {
		return nil, err
	}

	return linesOf(stream)
}

func linesOf(stream client.MachineStream) ([]string, error) {
	reader, err := client.ReadStream(stream)
	if err != nil {
		return nil, err
	}

	content, err := io.ReadAll(reader)

	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n"), err
}

// checkServiceLog reads the kubelet's log to its end, its last two lines, and what a restart adds.
func (s *suite) checkServiceLog(ctx context.Context, node Node) error {
	whole, err := s.logLines(ctx, node, constants.SystemContainerdNamespace, "kubelet", -1)
	if err != nil {
		return err
	}

	tail, err := s.logLines(ctx, node, constants.SystemContainerdNamespace, "kubelet", 2)
	if err != nil {
		return err
	}

	if err = all(
		want(len(whole) > 2, "only %d lines", len(whole)),
		wantEqual("the last two lines", tail, whole[max(0, len(whole)-2):]),
	); err != nil {
		return err
	}

	stream, err := s.asAdmin(node).Logs(ctx, constants.SystemContainerdNamespace, common.ContainerDriver_CONTAINERD, "kubelet", true, 1)
	if err != nil {
		return err
	}

	reader, err := client.ReadStream(stream)
	if err != nil {
		return err
	}

	following := bufio.NewScanner(reader)

	if !following.Scan() {
		return want(false, "nothing comes: %v", following.Err())
	}

	if err = wantEqual("the last line", following.Text(), whole[len(whole)-1]); err != nil {
		return err
	}

	if err = s.restartKubelet(ctx, node); err != nil {
		return err
	}

	return want(following.Scan() && following.Text() != "", "nothing follows: %v", following.Err())
}
