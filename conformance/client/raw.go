package main

import (
	"context"
	"errors"
	"io"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// rawState is the service behind typed resources, whose messages are looked at as they come.
func rawState(c *client.Client) v1alpha1.StateClient {
	return v1alpha1.NewStateClient(c.Conn())
}

func rawList(ctx context.Context, c *client.Client, namespace, kind string) ([]*v1alpha1.Resource, error) {
	stream, err := rawState(c).List(ctx, &v1alpha1.ListRequest{Namespace: namespace, Type: kind, Options: &v1alpha1.ListOptions{}})
	if err != nil {
		return nil, err
	}

	messages, err := collect(stream.Recv)
	if err != nil {
		return nil, err
	}

	resources := make([]*v1alpha1.Resource, 0, len(messages))
	for _, message := range messages {
		resources = append(resources, message.GetResource())
	}

	return resources, nil
}

// collect reads a stream to its end.
func collect[T any](receive func() (T, error)) ([]T, error) {
	var received []T

	for {
		one, err := receive()
		if errors.Is(err, io.EOF) {
			return received, nil
		}

		if err != nil {
			return received, err
		}

		received = append(received, one)
	}
}
