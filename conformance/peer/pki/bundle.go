// Package pki makes the certificates of a peer and of those who talk to it, all with Talos' own libraries.
package pki

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"go.yaml.in/yaml/v4"
)

// Bundle reads a cluster's secrets, or makes new ones where the text is empty.
func Bundle(text string, contract *config.VersionContract) (*secrets.Bundle, error) {
	if text == "" {
		// An RSA key for service accounts would take most of the peer's start.
		return secrets.NewBundle(secrets.NewClock(), contract, secrets.WithECDSAServiceAccountKey())
	}

	bundle := &secrets.Bundle{Clock: secrets.NewClock()}
	if err := yaml.Unmarshal([]byte(text), bundle); err != nil {
		return nil, fmt.Errorf("the secrets bundle: %w", err)
	}

	return bundle, bundle.Validate(contract)
}

// BundleText is a bundle as its file holds it.
func BundleText(bundle *secrets.Bundle) (string, error) {
	text, err := yaml.Marshal(bundle)

	return string(text), err
}
