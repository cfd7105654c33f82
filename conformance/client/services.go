package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
)

// checkServices lists services, and handles those that may be handled from outside.
func checkServices(s *suite) {
	for _, node := range s.samples() {
		s.on(node, "ServiceList", func(ctx context.Context) error {
			return s.checkServiceList(ctx, node)
		})

		s.on(node, "ServiceInfo", func(ctx context.Context) error {
			found, err := s.asAdmin(node).ServiceInfo(ctx, "kubelet")
			if err != nil {
				return err
			}

			none, err := s.asAdmin(node).ServiceInfo(ctx, "riddles")

			return all(
				err,
				wantEqual("unknown services", len(none), 0),
				want(len(found) == 1 && found[0].Service.GetState() == "Running", "kubelet is %v", found),
			)
		})

		s.on(node, "ServiceStart, ServiceStop and ServiceRestart", func(ctx context.Context) error {
			return s.checkServiceCalls(ctx, node)
		})
	}

	node := s.node(nvidiaNode)

	s.on(node, "an extension's service stops and starts", func(ctx context.Context) error {
		c := s.asAdmin(node)
		id := "ext-nvidia-persistenced"

		if _, err := c.ServiceStop(ctx, id); err != nil {
			return err
		}

		stopped, err := c.ServiceInfo(ctx, id)
		if err != nil {
			return err
		}

		if err = wantEqual("state", stopped[0].Service.GetState(), "Finished"); err != nil {
			return err
		}

		if _, err = c.ServiceStart(ctx, id); err != nil {
			return err
		}

		started, err := c.ServiceInfo(ctx, id)
		if err != nil {
			return err
		}

		return wantEqual("state", started[0].Service.GetState(), "Running")
	})
}

func (s *suite) checkServiceList(ctx context.Context, node Node) error {
	reply, err := s.asAdmin(node).ServiceList(ctx)
	if err != nil {
		return err
	}

	states := map[string]string{}

	for _, service := range reply.GetMessages()[0].GetServices() {
		id := service.GetId()
		states[id] = service.GetState()
		events := service.GetEvents().GetEvents()

		if len(events) == 0 {
			return fmt.Errorf("%s has no events", id)
		}

		last := events[len(events)-1]

		if err = all(
			wantEqual("last event of "+id, last.GetState(), service.GetState()),
			want(last.GetMsg() != "" && last.GetTs().AsTime().Year() > 2000, "last event of %s is %v", id, last),
			want(service.GetHealth().GetLastChange() != nil, "%s has no health", id),
		); err != nil {
			return err
		}
	}

	wanted := []string{"apid", "auditd", "containerd", "cri", "kubelet", "machined", "syslogd", "udevd"}
	if node.controlPlane() {
		wanted = append(wanted, "etcd", "trustd")
	}

	for _, id := range wanted {
		if err = wantEqual(id, states[id], "Running"); err != nil {
			return err
		}
	}

	return want(node.controlPlane() || states["etcd"] == "", "a worker has etcd")
}

func (s *suite) checkServiceCalls(ctx context.Context, node Node) error {
	c := s.asAdmin(node)

	restarted, err := c.ServiceRestart(ctx, "kubelet")
	if err != nil {
		return err
	}

	started, err := c.ServiceStart(ctx, "kubelet")
	if err != nil {
		return err
	}

	_, stopKubelet := c.ServiceStop(ctx, "kubelet")
	_, restartContainerd := c.ServiceRestart(ctx, "containerd")
	_, stopMachined := c.ServiceStop(ctx, "machined")
	_, startRiddles := c.ServiceStart(ctx, "riddles")

	return all(
		wantEqual("answer", restarted.GetMessages()[0].GetResp(), `Service "kubelet" restarted`),
		wantEqual("answer", started.GetMessages()[0].GetResp(), `Service "kubelet" started`),
		wantCode(stopKubelet, codes.Unknown, `service "kubelet" doesn't support stop operation via API`),
		wantCode(restartContainerd, codes.Unknown, `service "containerd" doesn't support restart operation via API`),
		wantCode(stopMachined, codes.Unknown, `service "machined" doesn't support stop operation via API`),
		wantCode(startRiddles, codes.Unknown, `service "riddles" not defined`),
	)
}
