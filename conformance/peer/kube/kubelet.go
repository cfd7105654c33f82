package kube

import (
	"bytes"
	"context"
	stdtls "crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Kubelet reports a node to the Kubernetes API and follows what becomes of it there.
type Kubelet struct {
	endpoint string
	client   *http.Client
	// Report is what the node says of itself; asked anew for each report.
	Report func(ready bool) Node
	// Seen is told of the node as Kubernetes has it.
	Seen func(Node)
}

// NewKubelet makes one that calls the API at endpoint.
func NewKubelet(endpoint string, config *stdtls.Config, report func(ready bool) Node, seen func(Node)) *Kubelet {
	return &Kubelet{
		endpoint: endpoint, Report: report, Seen: seen,
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: config}},
	}
}

func (kubelet *Kubelet) call(ctx context.Context, method, path string, body any) (*http.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}

	request, err := http.NewRequestWithContext(ctx, method, kubelet.endpoint+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}

	request.Header.Set("Content-Type", "application/json")

	return kubelet.client.Do(request)
}

func (kubelet *Kubelet) send(ctx context.Context, method, path string, body any, good ...int) error {
	response, err := kubelet.call(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read only

	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		return err
	}

	for _, code := range good {
		if response.StatusCode == code {
			return nil
		}
	}

	return fmt.Errorf("%s %s: %s", method, path, response.Status)
}

// Tell reports the node's status once.
func (kubelet *Kubelet) Tell(ctx context.Context, ready bool) error {
	node := kubelet.Report(ready)

	return kubelet.send(ctx, http.MethodPut, "/api/v1/nodes/"+node.Metadata.Name+"/status", node, http.StatusOK)
}

func (kubelet *Kubelet) register(ctx context.Context) error {
	if err := kubelet.send(ctx, http.MethodPost, "/api/v1/nodes", kubelet.Report(true), http.StatusCreated, http.StatusConflict); err != nil {
		return err
	}

	return kubelet.Tell(ctx, true)
}

func (kubelet *Kubelet) watch(ctx context.Context, name string) error {
	query := url.Values{"watch": {"true"}, "fieldSelector": {"metadata.name=" + name}}

	response, err := kubelet.call(ctx, http.MethodGet, "/api/v1/nodes?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read only

	decoder := json.NewDecoder(response.Body)
	for {
		var event struct {
			Object Node `json:"object"`
		}
		if err = decoder.Decode(&event); err != nil {
			return err
		}
		kubelet.Seen(event.Object)
	}
}

// retry is short: a peer's cluster is up in a moment, or not at all.
const retry = 100 * time.Millisecond

// Run registers the node, and follows it until the context ends. The API may be away meanwhile.
func (kubelet *Kubelet) Run(ctx context.Context, complain func(error)) {
	for ctx.Err() == nil {
		err := kubelet.register(ctx)
		if err == nil {
			err = kubelet.watch(ctx, kubelet.Report(true).Metadata.Name)
		}

		if err != nil && ctx.Err() == nil {
			complain(err)
		}

		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
	}

	kubelet.client.CloseIdleConnections()
}
