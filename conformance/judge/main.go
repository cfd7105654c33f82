package main

import (
	_ "github.com/cosi-project/runtime/pkg/resource/protobuf"
	_ "github.com/cosi-project/runtime/pkg/safe"
	_ "github.com/cosi-project/runtime/pkg/state/impl/inmem"
	_ "github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	_ "github.com/cosi-project/runtime/pkg/state/protobuf/client"
	_ "github.com/cosi-project/runtime/pkg/state/protobuf/server"
	_ "github.com/siderolabs/crypto/x509"
	_ "github.com/siderolabs/image-factory/pkg/schematic"
	_ "github.com/siderolabs/talos/pkg/machinery/api/machine"
	_ "github.com/siderolabs/talos/pkg/machinery/client"
	_ "github.com/siderolabs/talos/pkg/machinery/client/config"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configloader"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	_ "github.com/siderolabs/talos/pkg/machinery/config/generate"
	_ "github.com/siderolabs/talos/pkg/machinery/role"
	_ "go.yaml.in/yaml/v4"
	_ "google.golang.org/grpc"
	_ "google.golang.org/protobuf/types/dynamicpb"
)

func main() {}
