package main

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
)

type patchInput struct {
	Config  string   `json:"config"`
	Patches []string `json:"patches"`
}

// judgePatch applies patches to a machine config and gives the config that results.
func judgePatch(raw json.RawMessage) (any, error) {
	input := read[patchInput](raw)

	patches, err := configpatcher.LoadPatches(input.Patches)
	if err != nil {
		return nil, err
	}

	patched, err := configpatcher.Apply(configpatcher.WithBytes([]byte(input.Config)), patches)
	if err != nil {
		return nil, err
	}

	text, err := patched.Bytes()

	return string(text), err
}
