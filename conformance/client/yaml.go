package main

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// libraryMinor is the release that the client library is of: nodes of that release write the same members.
const libraryMinor = 14

// withinYAML wants an older release's spec: the same as the library's, but for members that came later, which are then at zero.
func withinYAML(older, newer string) error {
	var before, after any

	if err := yaml.Unmarshal([]byte(older), &before); err != nil {
		return err
	}

	if err := yaml.Unmarshal([]byte(newer), &after); err != nil {
		return err
	}

	if err := within("", before, after); err != nil {
		return fmt.Errorf("%w in\n%s\nagainst\n%s", err, older, newer)
	}

	return nil
}

func within(path string, before, after any) error {
	switch after := after.(type) {
	case map[string]any:
		older, ok := before.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is no map", path)
		}

		for key, value := range older {
			newer, known := after[key]
			if !known {
				return fmt.Errorf("%s.%s is unknown", path, key)
			}

			if err := within(path+"."+key, value, newer); err != nil {
				return err
			}
		}

		for key, value := range after {
			if _, known := older[key]; !known && !empty(value) {
				return fmt.Errorf("%s.%s is missing, but is %v", path, key, value)
			}
		}

		return nil
	case []any:
		older, ok := before.([]any)
		if !ok || len(older) != len(after) {
			return fmt.Errorf("%s is another list", path)
		}

		for index, value := range older {
			if err := within(fmt.Sprintf("%s[%d]", path, index), value, after[index]); err != nil {
				return err
			}
		}

		return nil
	default:
		return wantEqual(path, before, after)
	}
}

// empty tells whether a value is what a member has that nothing was put into.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		for _, one := range value {
			if !empty(one) {
				return false
			}
		}

		return true
	case []any:
		return len(value) == 0
	default:
		return value == "" || value == 0 || value == false
	}
}
