package machine

import (
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
)

// put creates or changes a resource in the name of the controller that owns it on a real node.
func put[R resource.Resource](boot *Boot, owner string, empty R, change func(R)) {
	err := safe.StateModify(boot.Context, boot.State, empty, func(found R) error {
		change(found)

		return nil
	}, state.WithUpdateOwner(owner))

	boot.complain("publishing "+empty.Metadata().String(), err)
}

// drop destroys a resource, whoever owns it.
func (boot *Boot) drop(gone resource.Resource) {
	found, err := boot.State.Get(boot.Context, gone.Metadata())
	if state.IsNotFoundError(err) {
		return
	}

	if err == nil {
		err = boot.State.Destroy(boot.Context, gone.Metadata(), state.WithDestroyOwner(found.Metadata().Owner()))
	}

	boot.complain("destroying "+gone.Metadata().String(), err)
}

// keep makes a kind hold exactly the resources with these ids.
func (boot *Boot) keep(kind resource.Resource, ids map[string]bool) {
	list, err := boot.State.List(boot.Context, kind.Metadata())
	if err != nil {
		boot.complain("listing "+kind.Metadata().Type(), err)

		return
	}

	for _, found := range list.Items {
		if !ids[found.Metadata().ID()] {
			boot.drop(found)
		}
	}
}

// replace puts a resource in the place of the one with its identity.
func (boot *Boot) replace(next resource.Resource) {
	found, err := boot.State.Get(boot.Context, next.Metadata())

	switch {
	case state.IsNotFoundError(err):
		err = boot.State.Create(boot.Context, next)
	case err == nil:
		next.Metadata().SetVersion(found.Metadata().Version())
		err = boot.State.Update(boot.Context, next)
	}

	boot.complain("publishing "+next.Metadata().String(), err)
}
