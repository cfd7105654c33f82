package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// pulled is what a pull told.
type pulled struct {
	layers map[string][]machine.ImageServicePullLayerProgress_Status
	name   string
}

// pull gets an image into Talos' own containerd.
func (s *suite) pull(ctx context.Context, node Node, containerd *common.ContainerdInstance, image string) (*pulled, error) {
	stream, err := s.asAdmin(node).ImageClient.Pull(ctx, &machine.ImageServicePullRequest{Containerd: containerd, ImageRef: image})
	if err != nil {
		return nil, err
	}

	messages, err := collect(stream.Recv)
	if err != nil {
		return nil, err
	}

	result := &pulled{layers: map[string][]machine.ImageServicePullLayerProgress_Status{}}

	for _, message := range messages {
		switch response := message.GetResponse().(type) {
		case *machine.ImageServicePullResponse_Name:
			result.name = response.Name
		case *machine.ImageServicePullResponse_PullProgress:
			layer := response.PullProgress

			result.layers[layer.GetLayerId()] = append(result.layers[layer.GetLayerId()], layer.GetProgress().GetStatus())
			if err = checkProgress(layer.GetProgress()); err != nil {
				return nil, err
			}
		}
	}

	return result, nil
}

// checkProgress wants sizes while a layer is downloaded, and none otherwise.
func checkProgress(progress *machine.ImageServicePullLayerProgress) error {
	if progress.GetStatus() != machine.ImageServicePullLayerProgress_DOWNLOADING {
		return wantEqual("sizes", progress.GetOffset()+progress.GetTotal(), int64(0))
	}

	return want(progress.GetOffset() > 0 && progress.GetOffset() <= progress.GetTotal(), "%v", progress)
}

// schematic registers a schematic of one extension at the Image Factory.
func (s *suite) schematic(ctx context.Context, extension string) (string, error) {
	body := []byte("customization:\n    systemExtensions:\n        officialExtensions:\n            - " + extension + "\n")

	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.input.FactoryURL+"/schematics", bytes.NewReader(body))
	if err != nil {
		return "", err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck

	content, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}

	var made struct {
		ID string `json:"id"`
	}

	err = json.Unmarshal(content, &made)

	return made.ID, all(err, wantMatch("schematic", made.ID, `^[0-9a-f]{64}$`))
}
