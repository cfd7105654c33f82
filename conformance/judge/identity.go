package main

import (
	stdtls "crypto/tls"
	stdx509 "crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/siderolabs/crypto/tls"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

type talosconfigInput struct {
	Talosconfig string `json:"talosconfig"`
	// ServerCrt and ServerKey are a node's certificate by the same authority, PEM.
	ServerCrt string `json:"serverCrt"`
	ServerKey string `json:"serverKey"`
	Host      string `json:"host"`
}

type talosconfigOutput struct {
	Context   string   `json:"context"`
	Endpoints []string `json:"endpoints"`
	Nodes     []string `json:"nodes"`
	// Roles are those that Talos reads from the client's certificate, and what it does not know.
	Roles   []string `json:"roles"`
	Unknown []string `json:"unknown"`
	// Written is the talosconfig as Talos writes it again.
	Written string `json:"written"`
}

// judgeTalosconfig loads a talosconfig as talosctl does, and lets its client meet a server that demands of it what apid
// demands: a chain to the authority, and exactly the extended key usage of clients.
func judgeTalosconfig(raw json.RawMessage) (any, error) {
	input := read[talosconfigInput](raw)

	config, err := clientconfig.FromString(input.Talosconfig)
	if err != nil {
		return nil, err
	}

	context, ok := config.Contexts[config.Context]
	if !ok {
		return nil, fmt.Errorf("the selected context %q is not there", config.Context)
	}

	ca, err := base64.StdEncoding.DecodeString(context.CA)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}

	crt, err := base64.StdEncoding.DecodeString(context.Crt)
	if err != nil {
		return nil, fmt.Errorf("crt: %w", err)
	}

	key, err := base64.StdEncoding.DecodeString(context.Key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}

	client, err := stdtls.X509KeyPair(crt, key)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}

	server, err := stdtls.X509KeyPair([]byte(input.ServerCrt), []byte(input.ServerKey))
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}

	leaf, err := meet(ca, client, server, input.Host)
	if err != nil {
		return nil, err
	}

	roles, unknown := role.Parse(leaf.Subject.Organization)

	written, err := config.Bytes()
	if err != nil {
		return nil, err
	}

	return talosconfigOutput{
		Context: config.Context, Endpoints: context.Endpoints, Nodes: context.Nodes,
		Roles: roles.Strings(), Unknown: append([]string{}, unknown...), Written: string(written),
	}, nil
}

// meet shakes hands between client and server with TLS settings of Talos and gives the client's certificate as the server sees it.
func meet(ca []byte, client, server stdtls.Certificate, host string) (*stdx509.Certificate, error) {
	serverConfig, err := tls.New(
		tls.WithClientAuthType(tls.Mutual), tls.WithCACertPEM(ca), tls.WithKeypair(server))
	if err != nil {
		return nil, err
	}

	clientConfig, err := tls.New(
		tls.WithClientAuthType(tls.Mutual), tls.WithCACertPEM(ca), tls.WithKeypair(client))
	if err != nil {
		return nil, err
	}

	clientConfig.ServerName = host

	near, far := net.Pipe()
	defer near.Close() //nolint:errcheck // in memory
	defer far.Close()  //nolint:errcheck // in memory

	deadline := time.Now().Add(10 * time.Second)
	near.SetDeadline(deadline) //nolint:errcheck // a pipe takes it
	far.SetDeadline(deadline)  //nolint:errcheck // a pipe takes it

	accepted := stdtls.Server(far, serverConfig)
	refused := make(chan error, 1)

	go func() {
		err := accepted.Handshake()
		if err != nil {
			far.Close() //nolint:errcheck // so that the client does not wait
		}
		refused <- err
	}()

	clientErr := stdtls.Client(near, clientConfig).Handshake()
	if clientErr != nil {
		near.Close() //nolint:errcheck // so that the server does not wait
	}

	if err = errors.Join(clientErr, <-refused); err != nil {
		return nil, err
	}

	leaf := accepted.ConnectionState().PeerCertificates[0]
	if !slices.Equal(leaf.ExtKeyUsage, []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}) {
		return nil, fmt.Errorf("the client's extended key usages are %v: apid takes exactly that of clients", leaf.ExtKeyUsage)
	}

	return leaf, nil
}
