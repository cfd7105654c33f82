package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
)

// about tells which versions judge, so that a verdict can name them.
func about(json.RawMessage) (any, error) {
	versions := map[string]string{}

	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions, nil
	}

	for _, module := range info.Deps {
		if strings.HasPrefix(module.Path, "github.com/siderolabs/") || strings.HasPrefix(module.Path, "github.com/cosi-project/") {
			version := module.Version
			if module.Replace != nil {
				version = module.Replace.Version
			}

			versions[module.Path] = version
		}
	}

	return versions, nil
}
