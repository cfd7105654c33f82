package main

import (
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"errors"

	"github.com/siderolabs/crypto/x509"
)

// fingerprintOf is what a node in maintenance mode shows on its console: the fingerprint of its certificate's key.
func fingerprintOf(ctx context.Context, node Node) (string, error) {
	var shown *stdx509.Certificate

	dialer := tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // it is what is looked for
		NextProtos:         []string{"h2"},
		VerifyConnection: func(state tls.ConnectionState) error {
			shown = state.PeerCertificates[0]

			return nil
		},
	}}

	conn, err := dialer.DialContext(ctx, "tcp", node.Endpoint)
	if err != nil {
		return "", err
	}

	if shown == nil {
		return "", errors.Join(errors.New("the node showed no certificate"), conn.Close())
	}

	return x509.SPKIFingerprint(shown).String(), conn.Close()
}
