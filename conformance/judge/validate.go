//go:build !talos112 && !talos113

package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

func validate(provider config.Provider) ([]string, error) {
	return provider.ValidateAsClient(metal{}, validation.WithStrict())
}
