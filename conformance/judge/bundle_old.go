//go:build talos112 || talos113

package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

func newBundle(contract *config.VersionContract) (*secrets.Bundle, error) {
	return secrets.NewBundle(secrets.NewClock(), contract)
}

func validateBundle(bundle *secrets.Bundle, _ *config.VersionContract) error {
	return bundle.Validate()
}
