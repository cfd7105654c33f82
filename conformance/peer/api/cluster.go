package api

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"ichor.example/conformance/peer/pki"
)

// packed is a file in a gzip'd tar as a node makes it: the archive is never closed, so that its last block is neither filled
// up nor followed by the two empty ones.
func packed(name string, text []byte) ([]byte, error) {
	buffer := bytes.Buffer{}
	zipped := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(zipped)

	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)), ModTime: time.Now(), Mode: 0o600}
	if err := archive.WriteHeader(header); err != nil {
		return nil, err
	}

	if _, err := archive.Write(text); err != nil {
		return nil, err
	}

	err := zipped.Close()

	return buffer.Bytes(), err
}

// Kubeconfig packs an administrator's kubeconfig; only a control plane can make one.
func (service *machineService) Kubeconfig(_ *emptypb.Empty, stream machine.MachineService_KubeconfigServer) error {
	if err := service.onlyControlPlane("kubeconfig"); err != nil {
		return err
	}

	config := service.boot.Config()
	if config.K8sAPIServerCAConfig() == nil {
		return status.Error(codes.FailedPrecondition, "the config has no authority for Kubernetes")
	}

	text, err := pki.Kubeconfig(config)
	if err != nil {
		return err
	}

	archive, err := packed("kubeconfig", text)
	if err != nil {
		return err
	}

	return stream.Send(&common.Data{Bytes: archive})
}

// GenerateClientConfiguration signs a certificate with the roles that were asked for, and packs it into a talosconfig.
func (service *machineService) GenerateClientConfiguration(_ context.Context, request *machine.GenerateClientConfigurationRequest) (*machine.GenerateClientConfigurationResponse, error) {
	if err := service.onlyControlPlane("generate client configuration"); err != nil {
		return nil, err
	}

	life := request.GetCrtTtl().AsDuration()
	if life <= 0 {
		return nil, status.Error(codes.InvalidArgument, "crt_ttl has to be more than nothing")
	}

	roles, _ := role.Parse(request.Roles)

	config := service.boot.Config()

	bundle, err := secrets.NewBundleFromConfig(secrets.NewFixedClock(time.Now()), config)
	if err != nil {
		return nil, fmt.Errorf("the secrets of the config: %w", err)
	}

	pair, err := bundle.GenerateTalosAPIClientCertificateWithTTL(roles, life)
	if err != nil {
		return nil, err
	}

	name := config.K8sClusterConfig().ClusterName()
	if list := roles.Strings(); len(list) == 1 {
		name = strings.TrimPrefix(list[0], role.Prefix) + "@" + name
	}

	text, err := clientconfig.NewConfig(name, nil, bundle.Certs.OS.Crt, pair).Bytes()
	if err != nil {
		return nil, err
	}

	return &machine.GenerateClientConfigurationResponse{Messages: []*machine.GenerateClientConfiguration{{
		Ca: bundle.Certs.OS.Crt, Crt: pair.Crt, Key: pair.Key, Talosconfig: text,
	}}}, nil
}
