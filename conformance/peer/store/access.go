package store

import (
	"context"
	"strings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ErrNotAuthorized is what a node answers to whoever has too small a role.
var ErrNotAuthorized = status.Error(codes.PermissionDenied, "not authorized")

// Guarded is a state as the API shows it: read only, without types and namespaces that the release does not have, and
// sensitive types for administrators alone. Who asks, rolesOf tells from the call's context.
func Guarded(resources state.State, rolesOf func(context.Context) role.Set) state.State {
	may := func(ctx context.Context, access state.Access) error {
		if !access.Verb.Readonly() {
			return status.Error(codes.PermissionDenied, "write access is not allowed")
		}

		definition, err := safe.StateGetByID[*meta.ResourceDefinition](ctx, resources, strings.ToLower(access.ResourceType))
		if state.IsNotFoundError(err) {
			return status.Errorf(codes.PermissionDenied, "resource type %q is not supported", access.ResourceType)
		}

		if err != nil {
			return err
		}

		if definition.TypedSpec().Sensitivity == meta.Sensitive && !rolesOf(ctx).Includes(role.Admin) {
			return ErrNotAuthorized
		}

		space := resource.NewMetadata(meta.NamespaceName, meta.NamespaceType, access.ResourceNamespace, resource.VersionUndefined)

		_, err = safe.StateGet[*meta.Namespace](ctx, resources, space)
		if state.IsNotFoundError(err) {
			return status.Errorf(codes.PermissionDenied, "namespace %q is not supported", access.ResourceNamespace)
		}

		return err
	}

	return state.WrapCore(state.Filter(resources, may))
}
