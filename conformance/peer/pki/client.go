package pki

import (
	stdx509 "crypto/x509"
	"time"

	"github.com/siderolabs/crypto/x509"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

const clientLife = 24 * time.Hour

// Talosconfig is the file that lets its holder into the cluster with these roles.
func Talosconfig(bundle *secrets.Bundle, cluster, endpoint string, roles ...role.Role) (string, error) {
	pair, err := bundle.GenerateTalosAPIClientCertificateWithTTL(role.MakeSet(roles...), clientLife)
	if err != nil {
		return "", err
	}

	text, err := clientconfig.NewConfig(cluster, []string{endpoint}, bundle.Certs.OS.Crt, pair).Bytes()

	return string(text), err
}

// ClientRequest describes a client certificate as a test wants it, good or bad.
type ClientRequest struct {
	// Roles become the subject's organizations, whatever they are.
	Roles []string `json:"roles"`
	// FromSeconds and UntilSeconds say when it is valid, from now.
	FromSeconds  int `json:"fromSeconds"`
	UntilSeconds int `json:"untilSeconds"`
	// Stranger has it signed by an authority that nobody knows.
	Stranger bool `json:"stranger"`
	// AlsoServer gives it the extended key usage of a server, too.
	AlsoServer bool `json:"alsoServer"`
}

// ClientIdentity holds PEM texts.
type ClientIdentity struct {
	CA  string `json:"ca"`
	Crt string `json:"crt"`
	Key string `json:"key"`
}

// Client makes the certificate that was asked for. The CA is always the cluster's own.
func Client(authority *x509.PEMEncodedCertificateAndKey, request ClientRequest) (*ClientIdentity, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(authority)
	if err != nil {
		return nil, err
	}

	signer := ca
	if request.Stranger {
		if signer, err = secrets.NewTalosCA(time.Now()); err != nil {
			return nil, err
		}
	}

	usages := []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}
	if request.AlsoServer {
		usages = append(usages, stdx509.ExtKeyUsageServerAuth)
	}

	pair, err := x509.NewKeyPair(signer,
		x509.Organization(request.Roles...),
		x509.NotBefore(time.Now().Add(time.Duration(request.FromSeconds)*time.Second)),
		x509.NotAfter(time.Now().Add(time.Duration(request.UntilSeconds)*time.Second)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage(usages),
	)
	if err != nil {
		return nil, err
	}

	encoded := x509.NewCertificateAndKeyFromKeyPair(pair)

	return &ClientIdentity{CA: string(authority.Crt), Crt: string(encoded.Crt), Key: string(encoded.Key)}, nil
}
