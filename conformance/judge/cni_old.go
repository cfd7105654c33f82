//go:build talos112 || talos113

package main

import (
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
)

func cniOptions(input generateInput) []generate.Option {
	switch input.CNI {
	case "custom":
		return []generate.Option{generate.WithClusterCNIConfig(&v1alpha1.CNIConfig{CNIName: "custom", CNIUrls: []string{input.CNIURL}})}
	case "none":
		return []generate.Option{generate.WithClusterCNIConfig(&v1alpha1.CNIConfig{CNIName: "none"})}
	}

	return nil
}
