package api

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// merging are the services whose calls a node would send to many others at once; a peer does not.
var merging = []string{
	"/machine.MachineService/", "/cluster.ClusterService/", "/inspect.InspectService/", "/storage.StorageService/", "/time.TimeService/",
}

func (gate *gate) isLocal(target string) bool {
	return target == gate.boot.Machine.Spec.IP().String() || target == gate.boot.Hostname()
}

// route gives the other node that a call is for; empty for this one.
func (gate *gate) route(ctx context.Context, method string) (string, error) {
	found, _ := metadata.FromIncomingContext(ctx)
	if gate.identity.Open() || len(found.Get("proxyfrom")) > 0 {
		return "", nil
	}

	one, many := found.Get("node"), found.Get("nodes")
	if len(one) > 1 {
		return "", status.Error(codes.InvalidArgument, "one call goes to one node")
	}

	if !gate.identity.Forwards() {
		local := len(one) == 1 && gate.isLocal(one[0]) || len(many) == 1 && gate.isLocal(many[0])
		if len(one)+len(many) > 0 && !local {
			return "", status.Error(codes.PermissionDenied, "this node does no request forwarding")
		}

		return "", nil
	}

	if len(many) > 0 {
		for _, service := range merging {
			if strings.HasPrefix(method, service) {
				return "", status.Error(codes.Unavailable, "this peer does not ask many nodes at once")
			}
		}

		return "", status.Errorf(codes.InvalidArgument, "%s goes to one node only", method)
	}

	if len(one) == 0 || gate.isLocal(one[0]) {
		return "", nil
	}

	return one[0], nil
}

// dial opens a connection to another node, in the caller's name.
func (gate *gate) dial(ctx context.Context, target string) (context.Context, *grpc.ClientConn, error) {
	config, err := gate.identity.Client()
	if err != nil {
		return nil, nil, status.Error(codes.Internal, err.Error())
	}

	_, port, err := net.SplitHostPort(gate.boot.Machine.Spec.Address)
	if err != nil {
		return nil, nil, status.Error(codes.Internal, err.Error())
	}

	config.ServerName = target

	conn, err := grpc.NewClient("passthrough:"+net.JoinHostPort(target, port), grpc.WithTransportCredentials(credentials.NewTLS(config)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(constants.GRPCMaxMessageSize)))
	if err != nil {
		return nil, nil, status.Error(codes.Internal, err.Error())
	}

	outgoing := metadata.Pairs("proxyfrom", gate.boot.Machine.Spec.IP().String())
	outgoing.Set(constants.APIAuthzRoleMetadataKey, rolesOf(ctx).Strings()...)

	return metadata.NewOutgoingContext(ctx, outgoing), conn, nil
}

// message makes an empty request or reply of a method.
func message(method string, reply bool) (proto.Message, error) {
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", "."))

	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}

	descriptor, isMethod := found.(protoreflect.MethodDescriptor)
	if !isMethod {
		return nil, errors.New(method + " is no method")
	}

	wanted := descriptor.Input()
	if reply {
		wanted = descriptor.Output()
	}

	kind, err := protoregistry.GlobalTypes.FindMessageByName(wanted.FullName())
	if err != nil {
		return nil, err
	}

	return kind.New().Interface(), nil
}

func (gate *gate) forwardUnary(ctx context.Context, target, method string, request any) (any, error) {
	ctx, conn, err := gate.dial(ctx, target)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost

	reply, err := message(method, true)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}

	return reply, conn.Invoke(ctx, method, request, reply)
}

func (gate *gate) forwardStream(stream grpc.ServerStream, target, method string) error {
	request, err := message(method, false)
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}

	if err = stream.RecvMsg(request); err != nil {
		return err
	}

	ctx, conn, err := gate.dial(stream.Context(), target)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost

	onward, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return err
	}

	if err = errors.Join(onward.SendMsg(request), onward.CloseSend()); err != nil {
		return err
	}

	for {
		reply, err := message(method, true)
		if err != nil {
			return status.Error(codes.Internal, err.Error())
		}

		if err = onward.RecvMsg(reply); errors.Is(err, io.EOF) {
			return nil
		}

		if err == nil {
			err = stream.SendMsg(reply)
		}

		if err != nil {
			return err
		}
	}
}
