package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
)

// patience is how long a single check may take.
const patience = 20 * time.Second

// suite is one run: the fleet, connections to it, and where verdicts go.
type suite struct {
	ctx     context.Context //nolint:containedctx // a suite lives no longer than its context
	input   Input
	control *control
	configs map[string]*clientconfig.Config
	clients map[string]*client.Client
	calls   calls
	// failure is what kept the run from telling its verdicts.
	failure error
}

func newSuite(ctx context.Context, input Input) (*suite, error) {
	s := &suite{
		ctx:     ctx,
		input:   input,
		control: &control{url: input.ControlURL},
		configs: map[string]*clientconfig.Config{},
		clients: map[string]*client.Client{},
		calls:   calls{made: map[string]bool{}},
	}

	for role, text := range map[string]string{admin: input.Talosconfig, reader: input.ReaderTalosconfig} {
		config, err := clientconfig.FromString(text)
		if err != nil {
			return nil, fmt.Errorf("the talosconfig of %s cannot be read: %w", role, err)
		}

		s.configs[role] = config
	}

	if len(input.Nodes) == 0 || len(input.Kinds) == 0 {
		return nil, fmt.Errorf("the input names no nodes or no kinds of resources")
	}

	_, err := s.control.state(ctx)

	return s, err
}

func (s *suite) close() {
	for _, c := range s.clients {
		c.Close() //nolint:errcheck // nothing is lost with it
	}
}

type verdict struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Why   string `json:"why,omitempty"`
}

// check runs one check with its own deadline; what it returns or panics with is why it failed.
func (s *suite) check(name string, do func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()

	result := verdict{Check: name, OK: true}
	if err := recovered(ctx, do); err != nil {
		result = verdict{Check: name, Why: err.Error()}
	}

	line, err := json.Marshal(result)
	if err == nil {
		_, err = fmt.Fprintln(os.Stdout, string(line))
	}

	if err != nil && s.failure == nil {
		s.failure = err
	}
}

func recovered(ctx context.Context, do func(ctx context.Context) error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v\n%s", reason, debug.Stack())
		}
	}()

	return do(ctx)
}

// on runs a check of one node, which is named first.
func (s *suite) on(node Node, name string, do func(ctx context.Context) error) {
	s.check(fmt.Sprintf("%s %s: %s", node.Name, s.release(node), name), do)
}
