package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"ichor.example/conformance/peer/events"
)

// until gives a context that ends with the call, or well before the API closes.
func (service *machineService) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(service.boot.Closing, cancel)

	return ctx, func() {
		stop()
		cancel()
	}
}

// Events says hello first, so that a reader knows from when on it misses nothing.
func (service *machineService) Events(request *machine.EventsRequest, stream machine.MachineService_EventsServer) error {
	if err := stream.Send(events.Hello(request.WithActorId)); err != nil {
		return err
	}

	ctx, cancel := service.until(stream.Context())
	defer cancel()

	tail := events.Tail{
		Events: int(request.TailEvents), ID: request.TailId, Seconds: int(request.TailSeconds), Actor: request.WithActorId,
	}

	err := service.boot.Events.Follow(ctx, tail, func(event events.Event) error {
		wire, err := event.Wire()
		if err != nil {
			return err
		}

		return stream.Send(wire)
	})

	// A node that goes down ends its streams as if nothing had been left to say.
	if errors.Is(err, context.Canceled) && stream.Context().Err() == nil {
		return nil
	}

	return err
}

// dataStream is a stream of bytes.
type dataStream interface {
	Send(*common.Data) error
	Context() context.Context
}

func sendBytes(stream dataStream) func([]byte) error {
	return func(bytes []byte) error { return stream.Send(&common.Data{Bytes: bytes}) }
}

// Logs sends a service's or a container's log. The namespaces matter only for containers.
func (service *machineService) Logs(request *machine.LogsRequest, stream machine.MachineService_LogsServer) error {
	id := request.Id

	switch {
	case request.Namespace == constants.SystemContainerdNamespace || id == "kubelet":
	case request.Namespace == "":
		return status.Error(codes.InvalidArgument, "there is no namespace without a name")
	case request.Driver == common.ContainerDriver_CRI && request.Namespace != constants.K8sContainerdNamespace:
		return errors.New("the driver of CRI knows the namespace of Kubernetes alone")
	}

	buffer, err := service.boot.Logs.Find(id)
	if err != nil {
		if request.Namespace == constants.K8sContainerdNamespace {
			return fmt.Errorf("there is no container %q", id)
		}

		return err
	}

	ctx, cancel := service.until(stream.Context())
	defer cancel()

	return buffer.Stream(ctx, int(request.TailLines), request.Follow, sendBytes(stream))
}

// LogsContainers tells what has a log.
func (service *machineService) LogsContainers(context.Context, *emptypb.Empty) (*machine.LogsContainersResponse, error) {
	return &machine.LogsContainersResponse{Messages: []*machine.LogsContainer{{Ids: service.boot.Logs.IDs()}}}, nil
}

// Dmesg sends the kernel's records, one a message.
func (service *machineService) Dmesg(request *machine.DmesgRequest, stream machine.MachineService_DmesgServer) error {
	ctx, cancel := service.until(stream.Context())
	defer cancel()

	return service.boot.Kernel.Stream(ctx, request.Follow, request.Tail, func(record string) error {
		return stream.Send(&common.Data{Bytes: []byte(record)})
	})
}
