//go:build !talos112 && !talos113

package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// newBundle spares the RSA key of service accounts, which takes most of a bundle's time.
func newBundle(contract *config.VersionContract) (*secrets.Bundle, error) {
	return secrets.NewBundle(secrets.NewClock(), contract, secrets.WithECDSAServiceAccountKey())
}

func validateBundle(bundle *secrets.Bundle, contract *config.VersionContract) error {
	return bundle.Validate(contract)
}
