package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/siderolabs/talos/pkg/machinery/client"
)

// calls are the methods that were called, by their full names.
type calls struct {
	mu   sync.Mutex
	made map[string]bool
}

func (c *calls) note(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.made[method] = true
}

// recording makes a client note what it calls.
func (c *calls) recording() client.OptionFunc {
	return client.WithGRPCDialOptions(
		grpc.WithChainUnaryInterceptor(func(
			ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
		) error {
			c.note(method)

			return invoke(ctx, method, request, reply, conn, options...)
		}),
		grpc.WithChainStreamInterceptor(func(
			ctx context.Context, description *grpc.StreamDesc, conn *grpc.ClientConn, method string, stream grpc.Streamer, options ...grpc.CallOption,
		) (grpc.ClientStream, error) {
			c.note(method)

			return stream(ctx, description, conn, method, options...)
		}),
	)
}

// checkCalls wants every method that the fleet serves to have been called.
func checkCalls(s *suite) {
	s.check("every call that the fleet answers was made", func(context.Context) error {
		var missing []string

		for _, method := range s.input.Methods {
			if !s.calls.made[method] {
				missing = append(missing, method)
			}
		}

		slices.Sort(missing)

		return want(len(missing) == 0 && len(s.input.Methods) > 0, "%s", fmt.Sprint(missing))
	})
}
