package machine

import (
	"fmt"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
)

// around is how many equal lines a hunk shows around its changes.
const around = 3

// edit is a line of a diff: kept, taken out or put in.
type edit struct {
	sign byte
	text string
}

// edits turns one text into the other by the longest common subsequence of their lines.
func edits(before, after []string) (list []edit) {
	longest := make([][]int, len(before)+1)
	for row := range longest {
		longest[row] = make([]int, len(after)+1)
	}

	for row := len(before) - 1; row >= 0; row-- {
		for column := len(after) - 1; column >= 0; column-- {
			if before[row] == after[column] {
				longest[row][column] = longest[row+1][column+1] + 1
			} else {
				longest[row][column] = max(longest[row+1][column], longest[row][column+1])
			}
		}
	}

	row, column := 0, 0
	for row < len(before) || column < len(after) {
		switch {
		case row < len(before) && column < len(after) && before[row] == after[column]:
			list = append(list, edit{' ', before[row]})
			row, column = row+1, column+1
		case column == len(after) || row < len(before) && longest[row+1][column] >= longest[row][column+1]:
			list = append(list, edit{'-', before[row]})
			row++
		default:
			list = append(list, edit{'+', after[column]})
			column++
		}
	}

	return list
}

// near tells whether a line is close enough to a change to be shown with it.
func near(list []edit, at int) bool {
	for other := max(0, at-around); other < min(len(list), at+around+1); other++ {
		if list[other].sign != ' ' {
			return true
		}
	}

	return false
}

// unified is a diff as talosctl shows it: a header, and hunks with three lines around each change.
func unified(before, after string) string {
	if before == after {
		return ""
	}

	list := edits(strings.Split(strings.TrimSuffix(before, "\n"), "\n"), strings.Split(strings.TrimSuffix(after, "\n"), "\n"))
	text := strings.Builder{}
	text.WriteString("--- a\n+++ b\n")

	old, fresh := 1, 1
	for at := 0; at < len(list); {
		if !near(list, at) {
			at, old, fresh = at+1, old+1, fresh+1

			continue
		}

		hunk, firstOld, firstFresh := strings.Builder{}, old, fresh
		for ; at < len(list) && near(list, at); at++ {
			fmt.Fprintf(&hunk, "%c%s\n", list[at].sign, list[at].text)
			if list[at].sign != '+' {
				old++
			}
			if list[at].sign != '-' {
				fresh++
			}
		}
		fmt.Fprintf(&text, "@@ -%d,%d +%d,%d @@\n%s", firstOld, old-firstOld, firstFresh, fresh-firstFresh, hunk.String())
	}

	return text.String()
}

// diffConfigs compares two configs as Talos writes them, without comments. The library's own comparison needs a module
// that this one does not require.
func diffConfigs(before, after config.Encoder) (string, error) {
	old := []byte{}
	if before != nil {
		text, err := before.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
		if err != nil {
			return "", err
		}
		old = text
	}

	fresh, err := after.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))

	return unified(string(old), string(fresh)), err
}
