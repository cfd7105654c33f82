package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// control is the fleet's own interface, which no real node has: what is so, and what goes wrong.
type control struct {
	url string
}

// machineState is what the fleet says of a node from outside of Talos.
type machineState struct {
	Name     string `json:"name"`
	Hostname string `json:"hostname"`
	Address  string `json:"address"`
	Power    string `json:"power"`
	Stage    string `json:"stage"`
	Ready    bool   `json:"ready"`
	Running  struct {
		Release     string `json:"release"`
		SchematicID string `json:"schematicId"`
	} `json:"running"`
	Active string `json:"active"`
	BootID string `json:"bootId"`
}

func (c *control) call(ctx context.Context, method, path string, body, reply any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}

	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck

	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}

	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s %s", method, path, response.Status, content)
	}

	return json.Unmarshal(content, reply)
}

func (c *control) state(ctx context.Context) ([]machineState, error) {
	var machines []machineState

	err := c.call(ctx, http.MethodGet, "/state", nil, &machines)

	return machines, err
}

func (c *control) of(ctx context.Context, node Node) (machineState, error) {
	machines, err := c.state(ctx)
	if err != nil {
		return machineState{}, err
	}

	for _, machine := range machines {
		if machine.Name == node.Name {
			return machine, nil
		}
	}

	return machineState{}, fmt.Errorf("the fleet knows no %s", node.Name)
}

// settle waits until the fleet says so of a node.
func (c *control) settle(ctx context.Context, node Node, what string, so func(machineState) bool) (machineState, error) {
	var last machineState

	err := eventually(ctx, func() error {
		state, err := c.of(ctx, node)
		if err != nil {
			return err
		}

		last = state
		if !so(state) {
			return fmt.Errorf("%s is not %s: %+v", node.Name, what, state)
		}

		return nil
	})

	return last, err
}

func up(state machineState) bool {
	return state.Power == "up" && state.Stage == "running" && state.Ready
}

func (c *control) fault(ctx context.Context, node Node, fault string) error {
	return c.call(ctx, http.MethodPost, "/faults", map[string]string{"node": node.Name, "fault": fault}, &map[string]any{})
}

func (c *control) clearFaults(ctx context.Context, node Node) error {
	return c.call(ctx, http.MethodDelete, "/faults?node="+url.QueryEscape(node.Name), nil, &map[string]any{})
}

func (c *control) dropConnections(ctx context.Context, node Node) error {
	return c.call(ctx, http.MethodPost, "/drop-connections", map[string]string{"node": node.Name}, &map[string]any{})
}

// eventually tries until it succeeds or its context ends; the last failure is the reason then.
func eventually(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
