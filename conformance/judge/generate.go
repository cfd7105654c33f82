package main

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// generateInput holds what both Ichor and `talosctl gen config` can be told; zero values are not passed on.
type generateInput struct {
	Bundle            string              `json:"bundle"`
	Contract          string              `json:"contract"`
	Role              string              `json:"role"`
	Name              string              `json:"name"`
	Endpoint          string              `json:"endpoint"`
	KubernetesVersion string              `json:"kubernetesVersion"`
	DNSDomain         string              `json:"dnsDomain"`
	PodSubnets        []string            `json:"podSubnets"`
	ServiceSubnets    []string            `json:"serviceSubnets"`
	CNI               string              `json:"cni"`
	CNIURL            string              `json:"cniUrl"`
	Discovery         *bool               `json:"discovery"`
	KubeSpan          bool                `json:"kubespan"`
	Scheduling        bool                `json:"allowSchedulingOnControlPlanes"`
	InstallDisk       string              `json:"installDisk"`
	InstallImage      string              `json:"installImage"`
	SANs              []string            `json:"certSans"`
	Mirrors           map[string][]string `json:"registryMirrors"`
	Sysctls           map[string]string   `json:"sysctls"`
}

func (input generateInput) options() []generate.Option {
	options := []generate.Option{generate.WithVersionContract(contractOf(input.Contract))}
	options = append(options, cniOptions(input)...)

	if input.DNSDomain != "" {
		options = append(options, generate.WithDNSDomain(input.DNSDomain))
	}

	if input.Discovery != nil {
		options = append(options, generate.WithClusterDiscovery(*input.Discovery))
	}

	if input.KubeSpan {
		options = append(options, kubeSpan())
	}

	if input.Scheduling {
		options = append(options, generate.WithAllowSchedulingOnControlPlanes(true))
	}

	if input.InstallDisk != "" {
		options = append(options, generate.WithInstallDisk(input.InstallDisk))
	}

	if input.InstallImage != "" {
		options = append(options, generate.WithInstallImage(input.InstallImage))
	}

	if len(input.SANs) > 0 {
		options = append(options, generate.WithAdditionalSubjectAltNames(input.SANs))
	}

	for host, endpoints := range input.Mirrors {
		options = append(options, generate.WithRegistryMirror(host, endpoints...))
	}

	if len(input.Sysctls) > 0 {
		options = append(options, generate.WithSysctls(input.Sysctls))
	}

	return options
}

// judgeGenerate makes the machine config of a role as `talosctl gen config` does, without comments.
func judgeGenerate(raw json.RawMessage) (any, error) {
	input := read[generateInput](raw)

	bundle, err := loadBundle(input.Bundle)
	if err != nil {
		return nil, err
	}

	options := append(input.options(), generate.WithSecretsBundle(bundle))

	prepared, err := generate.NewInput(input.Name, input.Endpoint, input.KubernetesVersion, options...)
	if err != nil {
		return nil, err
	}

	if len(input.PodSubnets) > 0 {
		prepared.PodNet = input.PodSubnets
	}

	if len(input.ServiceSubnets) > 0 {
		prepared.ServiceNet = input.ServiceSubnets
	}

	kind, err := machine.ParseType(input.Role)
	if err != nil {
		return nil, err
	}

	provider, err := prepared.Config(kind)
	if err != nil {
		return nil, err
	}

	text, err := provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))

	return string(text), err
}
