//go:build !talos112 && !talos113

package main

import "github.com/siderolabs/talos/pkg/machinery/config/generate"

func cniOptions(input generateInput) []generate.Option {
	if input.CNI == "custom" {
		return []generate.Option{generate.WithCustomCNIUrl(input.CNIURL)}
	}

	return nil
}
