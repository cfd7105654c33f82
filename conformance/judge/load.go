package main

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

type loadInput struct {
	Config string `json:"config"`
}

// metal is a machine that has to be installed to a disk and is no container.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

// judgeLoad loads a machine config strictly (unknown keys are refused) and validates it for metal. It gives the warnings.
func judgeLoad(raw json.RawMessage) (any, error) {
	provider, err := configloader.NewFromBytes([]byte(read[loadInput](raw).Config))
	if err != nil {
		return nil, err
	}

	warnings, err := validate(provider)
	if err != nil {
		return nil, err
	}

	if warnings == nil {
		warnings = []string{}
	}

	return warnings, nil
}
