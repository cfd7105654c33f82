//go:build !talos112 && !talos113

package main

import (
	"encoding/json"

	"github.com/siderolabs/image-factory/pkg/schematic"
)

type schematicInput struct {
	YAML string `json:"yaml"`
}

type schematicOutput struct {
	Canonical string `json:"canonical"`
	ID        string `json:"id"`
}

func init() { judges["schematic"] = judgeSchematic }

// judgeSchematic reads a schematic as the factory does and gives its canonical bytes and ID.
func judgeSchematic(raw json.RawMessage) (any, error) {
	document, err := schematic.Unmarshal([]byte(read[schematicInput](raw).YAML))
	if err != nil {
		return nil, err
	}

	canonical, err := document.Marshal()
	if err != nil {
		return nil, err
	}

	id, err := document.ID()
	if err != nil {
		return nil, err
	}

	return schematicOutput{Canonical: string(canonical), ID: id}, nil
}
