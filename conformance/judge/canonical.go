package main

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
)

type canonicalInput struct {
	Config string `json:"config"`
}

// judgeCanonical decodes a machine config into its types and writes it anew: two texts that mean the same come out the same.
func judgeCanonical(raw json.RawMessage) (any, error) {
	provider, err := configloader.NewFromBytes([]byte(read[canonicalInput](raw).Config))
	if err != nil {
		return nil, err
	}

	text, err := provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))

	return string(text), err
}
