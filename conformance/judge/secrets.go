package main

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"go.yaml.in/yaml/v4"
)

type secretsInput struct {
	Bundle   string `json:"bundle"`
	Contract string `json:"contract"`
}

func contractOf(text string) *config.VersionContract {
	contract, err := config.ParseContractFromVersion(text)
	if err != nil {
		panic(err)
	}

	return contract
}

// loadBundle reads a secrets bundle from its file's text.
func loadBundle(text string) (*secrets.Bundle, error) {
	bundle := &secrets.Bundle{Clock: secrets.NewClock()}

	return bundle, yaml.Unmarshal([]byte(text), bundle)
}

// judgeSecrets loads a secrets bundle, validates it for a version contract and writes it again.
func judgeSecrets(raw json.RawMessage) (any, error) {
	input := read[secretsInput](raw)

	bundle, err := loadBundle(input.Bundle)
	if err != nil {
		return nil, err
	}

	if err = validateBundle(bundle, contractOf(input.Contract)); err != nil {
		return nil, err
	}

	text, err := yaml.Marshal(bundle)

	return string(text), err
}

// newSecrets makes a secrets bundle as `talosctl gen secrets` does.
func newSecrets(raw json.RawMessage) (any, error) {
	bundle, err := newBundle(contractOf(read[secretsInput](raw).Contract))
	if err != nil {
		return nil, err
	}

	text, err := yaml.Marshal(bundle)

	return string(text), err
}
