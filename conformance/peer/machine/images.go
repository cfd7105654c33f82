package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"ichor.example/conformance/peer/factory"
)

// Instance names the containerd and the namespace of a request, or says what is wrong with it.
func Instance(wanted *common.ContainerdInstance) (string, error) {
	driver, namespace := wanted.GetDriver(), wanted.GetNamespace()

	switch {
	case driver != common.ContainerDriver_CONTAINERD && driver != common.ContainerDriver_CRI:
		return "", status.Errorf(codes.InvalidArgument, "there is no containerd driver %s", driver)
	case namespace != common.ContainerdNamespace_NS_CRI && namespace != common.ContainerdNamespace_NS_SYSTEM:
		return "", status.Errorf(codes.InvalidArgument, "there is no containerd namespace %s", namespace)
	case driver == common.ContainerDriver_CONTAINERD && namespace == common.ContainerdNamespace_NS_CRI:
		return "", status.Error(codes.InvalidArgument, "the namespace of CRI belongs to the driver of CRI")
	default:
		return driver.String() + "/" + namespace.String(), nil
	}
}

// Image is one that a containerd holds.
type Image struct{ Name, Digest string }

// Images of an instance, under all of their names.
func (boot *Boot) Images(instance string) (images []Image) {
	boot.Machine.mu.Lock()
	defer boot.Machine.mu.Unlock()

	for name, digest := range boot.Machine.disk.Images[instance] {
		images = append(images, Image{name, digest})
	}

	return images
}

// Holds tells whether an instance holds an image under exactly this name.
func (boot *Boot) Holds(instance, name string) bool {
	for _, image := range boot.Images(instance) {
		if image.Name == name {
			return true
		}
	}

	return false
}

// layerBytes are the sizes of an installer's layers.
var layerBytes = []int64{3_200_000, 41_000_000, 98_000_000}

// stepsPerLayer is how often the progress of a layer is told.
const stepsPerLayer = 4

type progress = machine.ImageServicePullLayerProgress

// resolve asks the factory whether an image can be had.
func (boot *Boot) resolve(ctx context.Context, name string) (factory.Installer, factory.Schematic, error) {
	image, err := factory.ParseInstaller(name)
	if err != nil {
		return image, factory.Schematic{}, fmt.Errorf("failed to resolve the image: %w", err)
	}

	if image.Registry != factory.RegistryOf(boot.Machine.Spec.Factory) {
		return image, factory.Schematic{}, fmt.Errorf("no such registry: %s", image.Registry)
	}

	known, err := factory.Fetch(ctx, boot.Machine.Spec.Factory, image.SchematicID)

	return image, known, err
}

// Pull fetches an image layer by layer and gives its pinned name. One that is there already has nothing to tell.
func (boot *Boot) Pull(ctx context.Context, instance, name string, tell func(layer string, progress *progress)) (string, error) {
	image, _, err := boot.resolve(ctx, name)
	if errors.Is(err, factory.ErrUnknown) {
		return "", status.Errorf(codes.NotFound, "error pulling image: %s: not found", name)
	}

	if err != nil {
		return "", err
	}

	if boot.Holds(instance, image.Pinned()) {
		return image.Pinned(), nil
	}

	begin := time.Now()
	say := func(number int, state machine.ImageServicePullLayerProgress_Status, offset int64) {
		tell(fmt.Sprintf("sha256:%064x", number+1), &progress{
			Status: state, Offset: offset, Total: layerBytes[number], Elapsed: durationpb.New(time.Since(begin)),
		})
	}

	for number, size := range layerBytes {
		for step := range int64(stepsPerLayer) {
			say(number, machine.ImageServicePullLayerProgress_DOWNLOADING, size*step/stepsPerLayer)
			if err = boot.Machine.pause(ctx, 400*time.Millisecond); err != nil {
				return "", err
			}
		}
		say(number, machine.ImageServicePullLayerProgress_DOWNLOAD_COMPLETE, size)
	}

	for number, size := range layerBytes {
		say(number, machine.ImageServicePullLayerProgress_EXTRACTING, 0)
		if err = boot.Machine.pause(ctx, 400*time.Millisecond); err != nil {
			return "", err
		}
		say(number, machine.ImageServicePullLayerProgress_EXTRACT_COMPLETE, size)
	}

	boot.Machine.change(func(disk *Disk) {
		if disk.Images[instance] == nil {
			disk.Images[instance] = map[string]string{}
		}
		for _, alias := range []string{image.Tagged(), image.Pinned(), image.Digest()} {
			disk.Images[instance][alias] = image.Digest()
		}
	})

	return image.Pinned(), nil
}
