package factory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/siderolabs/image-factory/pkg/schematic"
)

// Schematic is what an image was made of.
type Schematic struct {
	ID string
	// Text is the document as the factory writes it: what the image carries along.
	Text string
	// Extensions are the official ones, without `siderolabs/`.
	Extensions []string
	KernelArgs []string
}

// ErrUnknown is the factory's answer for a schematic that was never registered.
var ErrUnknown = errors.New("not found")

const mostBytes = 1 << 20

// ParseSchematic reads a document with the factory's own library.
func ParseSchematic(text string) (Schematic, error) {
	document, err := schematic.Unmarshal([]byte(text))
	if err != nil {
		return Schematic{}, err
	}

	id, err := document.ID()
	if err != nil {
		return Schematic{}, err
	}

	canonical, err := document.Marshal()
	if err != nil {
		return Schematic{}, err
	}

	parsed := Schematic{ID: id, Text: string(canonical), KernelArgs: document.Customization.ExtraKernelArgs}
	for _, name := range document.Customization.SystemExtensions.OfficialExtensions {
		parsed.Extensions = append(parsed.Extensions, strings.TrimPrefix(name, "siderolabs/"))
	}

	return parsed, nil
}

// Fetch asks a factory for a schematic. One whose document is not what its ID says is an error.
func Fetch(ctx context.Context, factory, id string) (Schematic, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(factory, "/")+"/schematics/"+id, nil)
	if err != nil {
		return Schematic{}, err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Schematic{}, err
	}
	defer response.Body.Close() //nolint:errcheck // read only

	if response.StatusCode == http.StatusNotFound {
		return Schematic{}, ErrUnknown
	}

	if response.StatusCode != http.StatusOK {
		return Schematic{}, fmt.Errorf("the factory answers %s", response.Status)
	}

	text, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return Schematic{}, err
	}

	parsed, err := ParseSchematic(string(text))
	if err == nil && parsed.ID != id {
		err = fmt.Errorf("the factory's document for %s has the ID %s", id, parsed.ID)
	}

	return parsed, err
}
