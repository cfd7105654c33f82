// Command judge answers questions about Talos with the libraries that Talos itself is built from.
//
// It reads one JSON object a line, {"kind": …, "input": …}, and answers each with a line: {"output": …} or, where the
// library refuses the input, {"refusal": "its reason"}. An input that it cannot read ends it: that is a fault of the
// asker, never a verdict.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type question struct {
	Kind  string          `json:"kind"`
	Input json.RawMessage `json:"input"`
}

type answer struct {
	Output  any    `json:"output,omitempty"`
	Refusal string `json:"refusal,omitempty"`
}

// judges maps each kind to its judge. A judge's error is a refusal; what it cannot read, it panics on.
var judges = map[string]func(json.RawMessage) (any, error){
	"about":       about,
	"canonical":   judgeCanonical,
	"certificate": judgeCertificate,
	"fields":      judgeFields,
	"generate":    judgeGenerate,
	"identity":    judgeTalosconfig,
	"load":        judgeLoad,
	"new-secrets": newSecrets,
	"patch":       judgePatch,
	"secrets":     judgeSecrets,
	"verdict":     judgeVerdict,
	"wire-shape":  wireShape,
	"wire-write":  wireWrite,
	"wire-read":   wireRead,
}

// read decodes a question's input; an unknown member means that the two sides have drifted apart.
func read[Input any](raw json.RawMessage) Input {
	var input Input
	if err := json.Unmarshal(raw, &input); err != nil {
		panic(fmt.Errorf("the input cannot be read: %w", err))
	}

	return input
}

// judged turns a panic of a library into a refusal that says so, since no input may end the judge.
func judged(judge func(json.RawMessage) (any, error), input json.RawMessage) (result answer) {
	defer func() {
		if reason := recover(); reason != nil {
			result = answer{Refusal: fmt.Sprintf("PANIC: %v", reason)}
		}
	}()

	output, err := judge(input)
	if err != nil {
		return answer{Refusal: err.Error()}
	}

	return answer{Output: output}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<28)

	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)

	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, "not a question:", err)
			os.Exit(2)
		}

		judge, known := judges[asked.Kind]
		if !known {
			fmt.Fprintln(os.Stderr, "no judge for", asked.Kind)
			os.Exit(2)
		}

		if err := encoder.Encode(judged(judge, asked.Input)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}

		out.Flush() //nolint:errcheck // the asker sees its line missing
	}

	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
