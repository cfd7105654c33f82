package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

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

// leaves gives the single errors of a tree of errors, each with what the errors around it say first.
func leaves(err error) []string {
	if err == nil {
		return nil
	}

	parts := children(err)
	if parts == nil {
		return []string{err.Error()}
	}

	var all []string

	for _, part := range parts {
		all = append(all, leaves(part)...)
	}

	return all
}

// children are the errors that one holds, where it holds several; a wrapped one keeps its prefix.
func children(err error) []error {
	switch several := err.(type) { //nolint:errorlint // the tree is walked one level at a time
	case interface{ WrappedErrors() []error }:
		return several.WrappedErrors()
	case interface{ Unwrap() []error }:
		return several.Unwrap()
	}

	inner := errors.Unwrap(err)
	if inner == nil {
		return nil
	}

	parts := children(inner)
	prefix := strings.TrimSuffix(err.Error(), inner.Error())

	for index, part := range parts {
		parts[index] = fmt.Errorf("%s%w", prefix, part)
	}

	return parts
}
