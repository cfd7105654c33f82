package main

import (
	"encoding/json"
	"errors"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

type verdictInput struct {
	Config string `json:"config"`
	Mode   string `json:"mode"`
}

// verdict says whether the library takes a config, and each reason where it does not.
type verdict struct {
	// Loading is why the config cannot be decoded; then nothing else was looked at.
	Loading string   `json:"loading,omitempty"`
	Errors  []string `json:"errors,omitempty"`
}

// runtimeMode is the kind of machine that a config is judged for.
type runtimeMode string

func (mode runtimeMode) String() string        { return string(mode) }
func (mode runtimeMode) RequiresInstall() bool { return mode == "metal" }
func (mode runtimeMode) InContainer() bool     { return mode == "container" }

// judgeVerdict loads a config strictly and validates it as `talosctl validate` does; warnings are none of its business.
func judgeVerdict(raw json.RawMessage) (any, error) {
	input := read[verdictInput](raw)

	provider, err := configloader.NewFromBytes([]byte(input.Config))
	if err != nil {
		return verdict{Loading: err.Error()}, nil
	}

	return verdict{Errors: leaves(validateFor(provider, runtimeMode(input.Mode)))}, nil
}

// validateFor leaves the check of Kubernetes versions to the node.
func validateFor(provider config.Provider, mode runtimeMode) error {
	_, err := provider.Validate(mode, validation.WithLocal()) //nolint:staticcheck // the name that all releases have

	return err
}

// leaves gives the single errors of a tree of errors.
func leaves(err error) []string {
	if err == nil {
		return nil
	}

	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		var all []string
		for _, one := range several.Unwrap() {
			all = append(all, leaves(one)...)
		}

		return all
	}

	var wrapped interface{ WrappedErrors() []error }
	if errors.As(err, &wrapped) {
		var all []string
		for _, one := range wrapped.WrappedErrors() {
			all = append(all, leaves(one)...)
		}

		return all
	}

	return []string{err.Error()}
}
