package main

import (
	"context"
	"strings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
)

// refused is a read that a node refuses.
type refused struct {
	name string
	role string
	code codes.Code
	text string
	read func(ctx context.Context, st state.State) error
}

func getting(namespace, kind, id string) func(ctx context.Context, st state.State) error {
	return func(ctx context.Context, st state.State) error {
		_, err := st.Get(ctx, resource.NewMetadata(namespace, kind, id, resource.VersionUndefined))

		return err
	}
}

func listing(namespace, kind string, options ...state.ListOption) func(ctx context.Context, st state.State) error {
	return func(ctx context.Context, st state.State) error {
		_, err := st.List(ctx, resource.NewMetadata(namespace, kind, "", resource.VersionUndefined), options...)

		return err
	}
}

var lowerStatus = strings.ToLower(runtime.MachineStatusType)

var refusedReads = []refused{
	{
		name: "get of an unknown type", role: admin, code: codes.PermissionDenied,
		text: `resource type "Riddles.talos.dev" is not supported`, read: getting("runtime", "Riddles.talos.dev", "one"),
	},
	{
		name: "list of an unknown type", role: admin, code: codes.PermissionDenied,
		text: `resource type "Riddles.talos.dev" is not supported`, read: listing("runtime", "Riddles.talos.dev"),
	},
	{
		name: "list in an unknown namespace", role: admin, code: codes.PermissionDenied,
		text: `namespace "riddles" is not supported`, read: listing("riddles", runtime.MachineStatusType),
	},
	{
		name: "get of what is not there", role: admin, code: codes.NotFound,
		text: "doesn't exist", read: getting(runtime.NamespaceName, runtime.MachineStatusType, "nothing"),
	},
	{
		name: "get in another namespace", role: admin, code: codes.NotFound,
		text: "doesn't exist", read: getting(network.NamespaceName, runtime.MachineStatusType, runtime.MachineStatusID),
	},
	{
		name: "get of a type in small letters", role: admin, code: codes.NotFound,
		text: "doesn't exist", read: getting(runtime.NamespaceName, lowerStatus, runtime.MachineStatusID),
	},
	{
		name: "get of a secret without the role", role: reader, code: codes.PermissionDenied,
		text: "not authorized", read: getting(secrets.NamespaceName, secrets.OSRootType, secrets.OSRootID),
	},
	{
		name: "list of secrets without the role", role: reader, code: codes.PermissionDenied,
		text: "not authorized", read: listing(secrets.NamespaceName, secrets.OSRootType),
	},
}

// checkRefusals reads what is not to be had.
func checkRefusals(s *suite) {
	for _, node := range s.samples() {
		for _, one := range refusedReads {
			s.on(node, "refused: "+one.name, func(ctx context.Context) error {
				err := one.read(ctx, s.connect(node, one.role).COSI)
				if one.code == codes.NotFound {
					// The library makes an error of its own from the code.
					return want(state.IsNotFoundError(err), "%v", err)
				}

				return wantCode(err, one.code, one.text)
			})
		}

		s.on(node, "os:reader lists all types but those that hold secrets", func(ctx context.Context) error {
			return s.checkReadersTypes(ctx, node)
		})

		s.on(node, "refused: watch of an unknown type", func(ctx context.Context) error {
			return wantCode(watchFails(ctx, s, node, admin, "Riddles.talos.dev"), codes.PermissionDenied, "is not supported")
		})

		s.on(node, "refused: watch of secrets without the role", func(ctx context.Context) error {
			return wantCode(watchFails(ctx, s, node, reader, secrets.OSRootType), codes.PermissionDenied, "not authorized")
		})

		s.on(node, "a type in small letters has no resources", func(ctx context.Context) error {
			found, err := s.asAdmin(node).COSI.List(ctx, resource.NewMetadata(runtime.NamespaceName, lowerStatus, "", resource.VersionUndefined))
			if err != nil {
				return err
			}

			return wantEqual("resources", len(found.Items), 0)
		})

		s.on(node, "list by ids and labels", func(ctx context.Context) error {
			return s.checkQueries(ctx, node)
		})

		if s.minor(node) < libraryMinor {
			s.on(node, "refused: types that the release does not have", func(ctx context.Context) error {
				_, err := safe.StateGetByID[*runtime.BootID](ctx, s.asAdmin(node).COSI, runtime.BootIDID)

				return wantCode(err, codes.PermissionDenied, "is not supported")
			})
		}
	}
}
