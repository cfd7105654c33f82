//go:build !talos112 && !talos113

package main

import (
	_ "github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/containers"
	_ "github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/security"
	_ "github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/storage"
)
