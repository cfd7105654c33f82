package machine

import (
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"

	"ichor.example/conformance/peer/factory"
	"ichor.example/conformance/peer/spec"
)

// firstConfig is what an operator would have given the machine with talosctl: generated, with its name and modules.
func (machine *Machine) firstConfig(running factory.Schematic) ([]byte, error) {
	release, err := spec.ParseRelease(machine.Spec.Release)
	if err != nil {
		return nil, err
	}

	format, err := contract(release)
	if err != nil {
		return nil, err
	}

	image := factory.Installer{
		Repository: factory.RegistryOf(machine.Spec.Factory) + "/metal-installer/" + running.ID, Tag: release.Tag,
	}

	input, err := generate.NewInput(machine.Spec.Cluster, machine.Spec.Kubernetes,
		strings.TrimPrefix(machine.Spec.KubernetesVersion, "v"),
		generate.WithVersionContract(format), generate.WithSecretsBundle(machine.Secret),
		generate.WithInstallDisk("/dev/nvme0n1"), generate.WithInstallImage(image.Tagged()))
	if err != nil {
		return nil, err
	}

	provider, err := input.Config(machine.Spec.Type())
	if err != nil {
		return nil, err
	}

	text, err := provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		return nil, err
	}

	return patched(text, machine.patches(release))
}

// patches give the machine its name and its modules, as its release spells them.
func (machine *Machine) patches(release spec.Release) []string {
	hostname, modules := "machine:\n  network:\n    hostname: "+machine.Spec.Hostname+"\n", ""
	if release.Since(12) {
		hostname = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\nhostname: " + machine.Spec.Hostname + "\n"
	}

	for _, name := range machine.Spec.Modules {
		modules += "      - name: " + name + "\n"
	}

	if modules == "" {
		return []string{hostname}
	}

	return []string{hostname, "machine:\n  kernel:\n    modules:\n" + modules}
}

func patched(text []byte, patches []string) ([]byte, error) {
	loaded, err := configpatcher.LoadPatches(patches)
	if err != nil {
		return nil, err
	}

	output, err := configpatcher.Apply(configpatcher.WithBytes(text), loaded)
	if err != nil {
		return nil, err
	}

	return output.Bytes()
}
