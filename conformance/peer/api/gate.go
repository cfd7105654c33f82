package api

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	peer "ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/pki"
	"ichor.example/conformance/peer/store"
)

// gate is what every call goes through: who asks, for which node, and may they?
type gate struct {
	boot     *peer.Boot
	identity *pki.Identity
	journal  *Journal
}

// smallMaintenance are the calls of a machine without a config before 1.13, which had an API of its own.
var smallMaintenance = map[string]bool{
	"/machine.MachineService/ApplyConfiguration": true,
	"/cosi.resource.State/Get":                   true,
	"/cosi.resource.State/List":                  true,
	"/cosi.resource.State/Watch":                 true,
}

// pass decides about a call: its context with the roles, and the other node that it is for, if it is.
func (gate *gate) pass(ctx context.Context, method string) (context.Context, string, error) {
	maintenance := gate.identity.Open()
	roles := readRoles(ctx, maintenance)
	ctx = context.WithValue(ctx, rolesKey{}, roles)

	target, err := gate.route(ctx, method)

	switch {
	case err != nil || target != "":
	case maintenance && !gate.boot.Release.Since(13) && !smallMaintenance[method]:
		err = status.Error(codes.Unimplemented, "a machine in maintenance mode has no such call")
	case !mayCall(roles, method):
		err = store.ErrNotAuthorized
	}

	gate.journal.add(Call{Method: method, Roles: append([]string{}, roles.Strings()...), Allowed: err == nil, Boot: gate.boot.ID})

	return ctx, target, err
}

// unary is what every call passes.
func (gate *gate) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, target, err := gate.pass(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}

	if target != "" {
		return gate.forwardUnary(ctx, target, info.FullMethod, request)
	}

	return handle(ctx, request)
}

// stream is what every call passes that streams.
func (gate *gate) stream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, target, err := gate.pass(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}

	passed := &gated{ServerStream: stream, ctx: ctx, method: info.FullMethod, boot: gate.boot}
	if target != "" {
		return gate.forwardStream(passed, target, info.FullMethod)
	}

	return handle(service, passed)
}

// gated is a stream with the caller's roles, which a fault may hold after its first message.
type gated struct {
	grpc.ServerStream

	ctx    context.Context
	method string
	boot   *peer.Boot
	sent   int
}

// Context implements grpc.ServerStream.
func (stream *gated) Context() context.Context { return stream.ctx }

// SendMsg implements grpc.ServerStream.
func (stream *gated) SendMsg(message any) error {
	if stream.sent > 0 && stream.boot.Machine.Stalls(stream.method) {
		<-stream.ctx.Done()

		return stream.ctx.Err()
	}

	stream.sent++

	return stream.ServerStream.SendMsg(message)
}
