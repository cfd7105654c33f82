package api

import (
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/types/known/timestamppb"

	peer "ichor.example/conformance/peer/machine"
)

// imageService is machine.ImageService, of 1.13 and later.
type imageService struct {
	machine.UnimplementedImageServiceServer
	boot *peer.Boot
}

// Pull tells of every layer, then under what name the image is there.
func (service *imageService) Pull(request *machine.ImageServicePullRequest, stream machine.ImageService_PullServer) error {
	instance, err := peer.Instance(request.GetContainerd())
	if err != nil {
		return err
	}

	tell := func(layer string, progress *machine.ImageServicePullLayerProgress) {
		// Progress that nobody reads does not end a pull.
		_ = stream.Send(&machine.ImageServicePullResponse{Response: &machine.ImageServicePullResponse_PullProgress{
			PullProgress: &machine.ImageServicePullProgress{LayerId: layer, Progress: progress},
		}})
	}

	name, err := service.boot.Pull(stream.Context(), instance, request.GetImageRef(), tell)
	if err != nil {
		return err
	}

	return stream.Send(&machine.ImageServicePullResponse{Response: &machine.ImageServicePullResponse_Name{Name: name}})
}

// List tells the images of one instance of containerd.
func (service *imageService) List(request *machine.ImageServiceListRequest, stream machine.ImageService_ListServer) error {
	instance, err := peer.Instance(request.GetContainerd())
	if err != nil {
		return err
	}

	for _, image := range service.boot.Images(instance) {
		item := &machine.ImageServiceListResponse{
			Name: image.Name, Digest: image.Digest, Size: 142_200_000, CreatedAt: timestamppb.New(time.Now()),
		}
		if err = stream.Send(item); err != nil {
			return err
		}
	}

	return nil
}
