package pki

import (
	stdtls "crypto/tls"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/siderolabs/crypto/tls"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
)

// Identity is how a node's API shows itself, and whom it lets in.
type Identity struct {
	accepted []byte
	pool     *stdx509.CertPool
	server   stdtls.Certificate
	client   *stdtls.Certificate
	kind     tls.Type
}

var _ tls.CertificateProvider = (*Identity)(nil)

// GetCA implements tls.CertificateProvider.
func (identity *Identity) GetCA() ([]byte, error) { return identity.accepted, nil }

// GetCACertPool implements tls.CertificateProvider.
func (identity *Identity) GetCACertPool() (*stdx509.CertPool, error) { return identity.pool, nil }

// GetCertificate implements tls.CertificateProvider.
func (identity *Identity) GetCertificate(*stdtls.ClientHelloInfo) (*stdtls.Certificate, error) {
	return &identity.server, nil
}

// GetClientCertificate implements tls.CertificateProvider.
func (identity *Identity) GetClientCertificate(*stdtls.CertificateRequestInfo) (*stdtls.Certificate, error) {
	return identity.client, nil
}

// leaf makes a certificate of the machine API for this address.
func leaf(ca *x509.CertificateAuthority, ip netip.Addr, names []string, name string, usage stdx509.ExtKeyUsage, organizations ...string) (stdtls.Certificate, error) {
	pair, err := x509.NewKeyPair(ca,
		x509.IPAddresses([]net.IP{ip.AsSlice(), net.IPv4(127, 0, 0, 1)}),
		x509.DNSNames(names),
		x509.CommonName(name),
		x509.Organization(organizations...),
		x509.NotAfter(time.Now().Add(x509.DefaultCertificateValidityDuration)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{usage}),
	)
	if err != nil {
		return stdtls.Certificate{}, err
	}

	encoded := x509.NewCertificateAndKeyFromKeyPair(pair)

	return stdtls.X509KeyPair(encoded.Crt, encoded.Key)
}

// Member is the identity of a node of a cluster: mutual TLS by the cluster's authority. Its own client certificate may
// speak for others, as apid's does; a worker has none.
func Member(authority *x509.PEMEncodedCertificateAndKey, ip netip.Addr, hostname string, forwards bool) (*Identity, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(authority)
	if err != nil {
		return nil, fmt.Errorf("the authority of the machine API: %w", err)
	}

	identity := &Identity{accepted: authority.Crt, pool: stdx509.NewCertPool(), kind: tls.Mutual}
	identity.pool.AppendCertsFromPEM(authority.Crt)

	if identity.server, err = leaf(ca, ip, []string{hostname}, hostname, stdx509.ExtKeyUsageServerAuth); err != nil {
		return nil, err
	}

	if forwards {
		client, err := leaf(ca, ip, nil, hostname, stdx509.ExtKeyUsageClientAuth, string(role.Impersonator))
		if err != nil {
			return nil, err
		}
		identity.client = &client
	}

	return identity, nil
}

// Maintenance is the identity of a machine without a config: an authority that nobody can know, and no client certificates.
func Maintenance(ip netip.Addr, hostname string) (*Identity, error) {
	ca, err := x509.NewSelfSignedCertificateAuthority()
	if err != nil {
		return nil, err
	}

	identity := &Identity{pool: stdx509.NewCertPool(), kind: tls.ServerOnly}
	identity.server, err = leaf(ca, ip, []string{hostname}, constants.MaintenanceServiceCommonName, stdx509.ExtKeyUsageServerAuth)

	return identity, err
}

// Fingerprint is what the console of a machine in maintenance mode shows.
func (identity *Identity) Fingerprint() (string, error) {
	fingerprint, err := x509.SPKIFingerprintFromDER(identity.server.Certificate[0])

	return fingerprint.String(), err
}

// Forwards tells whether the node may pass calls on to others.
func (identity *Identity) Forwards() bool { return identity.client != nil }

// Server is the TLS of the node's API.
func (identity *Identity) Server() (*stdtls.Config, error) {
	config, err := tls.New(
		tls.WithClientAuthType(identity.kind),
		tls.WithDynamicClientCA(identity),
		tls.WithServerCertificateProvider(identity),
	)
	if err != nil {
		return nil, err
	}

	if identity.kind == tls.Mutual {
		config.VerifyPeerCertificate = onlyClients
	}

	return config, nil
}

// Client is the TLS with which the node's API calls that of another node.
func (identity *Identity) Client() (*stdtls.Config, error) {
	return tls.New(
		tls.WithClientAuthType(tls.Mutual),
		tls.WithCACertPEM(identity.accepted),
		tls.WithClientCertificateProvider(identity),
	)
}

// onlyClients refuses a certificate with any other extended key usage than exactly that of clients.
func onlyClients(_ [][]byte, chains [][]*stdx509.Certificate) error {
	if len(chains) == 0 {
		return errors.New("nobody vouches for the certificate")
	}

	for _, certificate := range chains[0] {
		if !certificate.IsCA && !slices.Equal(certificate.ExtKeyUsage, []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}) {
			return fmt.Errorf("the certificate of %s is not for clients alone", certificate.Subject)
		}
	}

	return nil
}

// Open tells whether the API asks for no client certificate, as in maintenance mode.
func (identity *Identity) Open() bool { return identity.kind == tls.ServerOnly }
