// Package factory knows installer images and asks an image factory for what they were made of.
package factory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
)

// Installer is the reference of an installer image, taken apart.
type Installer struct {
	Repository  string
	Registry    string
	SchematicID string
	Tag         string
	digest      string
}

var reference = regexp.MustCompile(
	`^(([a-z0-9.:[\]-]+)/(?:[a-z0-9-]+-)?installer(?:-secureboot)?/([0-9a-f]{64}))(?::([A-Za-z0-9._-]+))?(?:@(sha256:[0-9a-f]{64}))?$`)

// ParseInstaller reads `registry/metal-installer/<schematic>:<tag>`, or the same pinned by its digest.
func ParseInstaller(text string) (Installer, error) {
	parts := reference.FindStringSubmatch(text)
	if parts == nil {
		return Installer{}, fmt.Errorf("%q is no installer of an image factory", text)
	}

	return Installer{Repository: parts[1], Registry: parts[2], SchematicID: parts[3], Tag: parts[4], digest: parts[5]}, nil
}

// Digest of the image; there is no registry, so that it is made of the name.
func (image Installer) Digest() string {
	if image.digest != "" {
		return image.digest
	}

	sum := sha256.Sum256([]byte(image.Tagged()))

	return "sha256:" + hex.EncodeToString(sum[:])
}

// Tagged is its name by tag.
func (image Installer) Tagged() string { return image.Repository + ":" + image.Tag }

// Pinned is its name by digest: what a pull answers with.
func (image Installer) Pinned() string { return image.Repository + "@" + image.Digest() }

// RegistryOf is the registry that belongs to a factory's URL.
func RegistryOf(factory string) string {
	parsed, err := url.Parse(factory)
	if err != nil {
		return ""
	}

	return parsed.Host
}
