package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"go.yaml.in/yaml/v4"
)

// extensionsOfSchematic asks the Image Factory what a node's image was made of.
func (r *reading) extensionsOfSchematic() ([]string, error) {
	url := r.input.FactoryURL + "/schematics/" + r.truth.Running.SchematicID

	request, err := http.NewRequestWithContext(r.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck

	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}

	var schematic struct {
		Customization struct {
			SystemExtensions struct {
				OfficialExtensions []string `yaml:"officialExtensions"`
			} `yaml:"systemExtensions"`
		} `yaml:"customization"`
	}

	err = yaml.Unmarshal(body, &schematic)

	return schematic.Customization.SystemExtensions.OfficialExtensions, err
}

// checkExtensions wants a layer for each extension of the schematic, and the schematic itself.
func checkExtensions(r *reading) error {
	layers, err := resourcesOf[*runtime.ExtensionStatus](r)
	if err != nil {
		return err
	}

	official, err := r.extensionsOfSchematic()
	if err != nil {
		return err
	}

	wanted := []string{"schematic"}
	if len(official) > 0 {
		wanted = append(wanted, "modules.dep")
	}

	for _, name := range official {
		wanted = append(wanted, strings.TrimPrefix(name, "siderolabs/"))
	}

	var names []string

	for id, layer := range layers {
		metadata := layer.TypedSpec().Metadata
		names = append(names, metadata.Name)

		if err = wantEqual("image of "+id, layer.TypedSpec().Image, id+".sqsh"); err != nil {
			return err
		}

		if metadata.Name == "schematic" {
			if err = wantEqual("schematic", metadata.Version, r.truth.Running.SchematicID); err != nil {
				return err
			}
		}
	}

	slices.Sort(names)
	slices.Sort(wanted)

	return wantEqual("extensions", names, wanted)
}

func checkFactorySchematic(r *reading) error {
	schematic, err := resourceOf[*runtime.ImageFactorySchematic](r, runtime.ImageFactorySchematicID)
	if err != nil {
		return err
	}

	return all(
		wantEqual("schematic", schematic.TypedSpec().SchematicID, r.truth.Running.SchematicID),
		wantEqual("flavor", schematic.TypedSpec().Flavor, "Image Factory"),
		wantEqual("address", schematic.TypedSpec().APIURL, "https://factory.talos.dev"),
	)
}
