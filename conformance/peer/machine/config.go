package machine

import (
	"context"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/constants"

	"ichor.example/conformance/peer/spec"
)

// Config is the one that runs; nil in maintenance mode.
func (boot *Boot) Config() config.Provider {
	boot.mu.Lock()
	defer boot.mu.Unlock()

	return boot.active
}

// Maintenance tells whether the machine waits for a config that it can boot with.
func (boot *Boot) Maintenance() bool {
	known := boot.Config()

	return known == nil || !known.CompleteForBoot()
}

func (boot *Boot) controlPlane() bool {
	known := boot.Config()

	return known != nil && known.Machine().Type().IsControlPlane()
}

// Hostname is the config's, else the machine's own.
func (boot *Boot) Hostname() string {
	if known := boot.Config(); known != nil {
		if hostname := known.NetworkHostnameConfig(); hostname != nil && hostname.Hostname() != "" {
			return hostname.Hostname()
		}
	}

	return boot.Machine.Spec.Hostname
}

// kubeletImage is the config's, with the version of Kubernetes in its tag.
func (boot *Boot) kubeletImage() string {
	if known := boot.Config(); known != nil {
		if kubelet := known.K8sKubeletConfig(); kubelet != nil && kubelet.Image() != "" {
			return kubelet.Image()
		}
	}

	return constants.KubeletImage + ":v" + strings.TrimPrefix(boot.Machine.Spec.KubernetesVersion, "v")
}

func (boot *Boot) kubernetesVersion() string {
	image := boot.kubeletImage()

	return image[strings.LastIndexByte(image, ':')+1:]
}

// wantedModules are those that the config asks for.
func (boot *Boot) wantedModules() (names []string) {
	if known := boot.Config(); known != nil {
		for _, module := range known.KernelModuleConfigs() {
			names = append(names, module.Name())
		}
	}

	return names
}

// take makes a config the one that runs: whatever follows from it changes at once.
func (boot *Boot) take(next config.Provider) {
	boot.mu.Lock()
	boot.active = next
	boot.mu.Unlock()

	boot.loadModules()
	boot.publishConfig()
	boot.publishNetwork()

	if boot.isUp() {
		boot.publishKubelet()
	}

	select {
	case boot.arrived <- struct{}{}:
	default:
	}
}

func (boot *Boot) isUp() bool {
	boot.mu.Lock()
	defer boot.mu.Unlock()

	return boot.kubelet != nil
}

// persist writes a config to the disk: the next boot takes it.
func (boot *Boot) persist(next config.Provider) error {
	text, err := next.Bytes()
	if err != nil {
		return err
	}

	boot.Machine.change(func(disk *Disk) { disk.Config = text })
	boot.mu.Lock()
	boot.persistent = next
	boot.mu.Unlock()
	boot.publishConfig()

	return nil
}

// cancelRevert keeps a config that was only tried.
func (boot *Boot) cancelRevert() {
	boot.mu.Lock()
	defer boot.mu.Unlock()

	if boot.revert != nil {
		boot.revert.Stop()
	}
}

// revertAfter takes the present config again after a while, unless that is cancelled.
func (boot *Boot) revertAfter(timeout time.Duration) {
	before := boot.Config()
	boot.cancelRevert()

	boot.mu.Lock()
	defer boot.mu.Unlock()
	boot.revert = time.AfterFunc(timeout, func() { boot.take(before) })
}

// loadConfig takes the config from the disk, or waits for one in maintenance mode.
func (boot *Boot) loadConfig(ctx context.Context) error {
	if boot.Config() != nil {
		return nil
	}

	return boot.maintain(ctx)
}

// openWithConfig opens the API to the cluster where a config is on the disk.
func (boot *Boot) openWithConfig(context.Context) error {
	text := boot.Machine.Disk().Config
	if text == nil {
		return nil
	}

	loaded, err := configloader.NewFromBytes(text)
	if err != nil {
		return err
	}

	boot.mu.Lock()
	boot.persistent = loaded
	boot.mu.Unlock()
	boot.take(loaded)

	return boot.openAsMember()
}

// contract is the config format of a release.
func contract(release spec.Release) (*config.VersionContract, error) {
	return config.ParseContractFromVersion(release.Minor())
}
