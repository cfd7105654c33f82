package spec

import (
	"fmt"

	"github.com/blang/semver/v4"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/version"
)

// Release is a Talos release; a pre-release counts as its release.
type Release struct {
	Tag     string
	version semver.Version
}

// ParseRelease reads `v1.14.1`.
func ParseRelease(tag string) (Release, error) {
	parsed, err := semver.ParseTolerant(tag)
	if err != nil {
		return Release{}, fmt.Errorf("the release %q: %w", tag, err)
	}

	return Release{Tag: tag, version: parsed}, nil
}

// Since tells whether the release is 1.minor or newer.
func (release Release) Since(minor uint64) bool {
	return release.version.Major > 1 || release.version.Minor >= minor
}

// Minor is `1.14`, as version contracts are named.
func (release Release) Minor() string {
	return fmt.Sprintf("%d.%d", release.version.Major, release.version.Minor)
}

// completeVersions fills in what was left out and checks the rest.
func (node *Node) completeVersions() error {
	if node.Release == "" {
		node.Release = version.Tag
	}

	if node.KubernetesVersion == "" {
		node.KubernetesVersion = constants.DefaultKubernetesVersion
	}

	if node.Schematic == "" {
		node.Schematic = "customization: {}\n"
	}

	_, err := ParseRelease(node.Release)

	return err
}
