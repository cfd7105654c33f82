// Package api is the machine API of a peer: the services that Talos generates, over one boot.
package api

import (
	stdtls "crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	peer "ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/pki"
	"ichor.example/conformance/peer/store"
)

// windowBytes are the flow control windows that apid opens.
const windowBytes = 65535

// opened is an API that listens.
type opened struct {
	grpc     *grpc.Server
	listener *tracking
}

// Open gives the function that opens the API of a boot, and writes every call to the journal.
func Open(journal *Journal) peer.Serve {
	return func(boot *peer.Boot, identity *pki.Identity) (peer.Server, error) {
		config, err := identity.Server()
		if err != nil {
			return nil, err
		}

		listener, err := net.Listen("tcp", boot.Machine.Spec.Address)
		if err != nil {
			return nil, err
		}

		server := &opened{listener: &tracking{Listener: listener, open: map[net.Conn]bool{}}}
		server.grpc = newServer(boot, &gate{boot: boot, identity: identity, journal: journal}, config)

		go func() {
			if err := server.grpc.Serve(server.listener); err != nil && !errors.Is(err, net.ErrClosed) {
				boot.Machine.Log.Printf("the machine API ended: %v", err)
			}
		}()

		return server, nil
	}
}

// newServer registers what the release has.
func newServer(boot *peer.Boot, gate *gate, config *stdtls.Config) *grpc.Server {
	registrar := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(config)),
		grpc.MaxRecvMsgSize(constants.GRPCMaxMessageSize),
		grpc.InitialWindowSize(windowBytes*32), grpc.InitialConnWindowSize(windowBytes*16),
		grpc.ChainUnaryInterceptor(gate.unary), grpc.ChainStreamInterceptor(gate.stream),
	)

	service := &machineService{boot: boot}
	machine.RegisterMachineServiceServer(registrar, service)
	cosi.RegisterStateServer(registrar, server.NewState(store.Guarded(boot.State, rolesOf)))

	if boot.Release.Since(13) {
		machine.RegisterImageServiceServer(registrar, &imageService{boot: boot})
		machine.RegisterLifecycleServiceServer(registrar, &lifecycleService{boot: boot})
	}

	return registrar
}

// Stop implements machine.Server.
func (server *opened) Stop(grace time.Duration) {
	// The address must be free before another API opens there.
	_ = server.listener.Close()

	if grace > 0 {
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			server.grpc.GracefulStop()
		}()

		select {
		case <-stopped:
		case <-time.After(grace):
		}
	}

	server.grpc.Stop()
}

// Drop implements machine.Server.
func (server *opened) Drop() { server.listener.drop() }

// tracking is a listener that knows its open connections.
type tracking struct {
	net.Listener

	mu   sync.Mutex
	open map[net.Conn]bool
}

// tracked is a connection that is forgotten when it closes.
type tracked struct {
	net.Conn
	gone func()
}

// Close forgets the connection.
func (conn tracked) Close() error {
	conn.gone()

	return conn.Conn.Close()
}

// Accept implements net.Listener.
func (listener *tracking) Accept() (net.Conn, error) {
	conn, err := listener.Listener.Accept()
	if err != nil {
		return nil, err
	}

	listener.mu.Lock()
	defer listener.mu.Unlock()
	listener.open[conn] = true

	return tracked{conn, func() {
		listener.mu.Lock()
		defer listener.mu.Unlock()
		delete(listener.open, conn)
	}}, nil
}

// drop cuts all connections.
func (listener *tracking) drop() {
	listener.mu.Lock()
	defer listener.mu.Unlock()

	for conn := range listener.open {
		// Without a word: as if the cable were pulled out.
		_ = conn.Close()
	}
}
