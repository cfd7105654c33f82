package pki

import (
	stdtls "crypto/tls"
	stdx509 "crypto/x509"
	"encoding/base64"
	"net"
	"net/netip"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"go.yaml.in/yaml/v4"
)

// kubernetesPair makes a certificate by the authority of Kubernetes.
func kubernetesPair(authority *x509.PEMEncodedCertificateAndKey, options ...x509.Option) (*x509.PEMEncodedCertificateAndKey, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(authority)
	if err != nil {
		return nil, err
	}

	pair, err := x509.NewKeyPair(ca, append(options,
		x509.NotBefore(time.Now().Add(-10*time.Second)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature|stdx509.KeyUsageKeyEncipherment))...)
	if err != nil {
		return nil, err
	}

	return x509.NewCertificateAndKeyFromKeyPair(pair), nil
}

// kubernetesClient makes a client certificate of the Kubernetes API.
func kubernetesClient(authority *x509.PEMEncodedCertificateAndKey, name, organization string, life time.Duration) (*x509.PEMEncodedCertificateAndKey, error) {
	return kubernetesPair(authority, x509.CommonName(name), x509.Organization(organization), x509.NotAfter(time.Now().Add(life)),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}))
}

// KubernetesServer is the TLS of the Kubernetes API.
func KubernetesServer(authority *x509.PEMEncodedCertificateAndKey, ip netip.Addr) (*stdtls.Config, error) {
	pair, err := kubernetesPair(authority, x509.CommonName("kube-apiserver"), x509.Organization("kube-master"),
		x509.IPAddresses([]net.IP{ip.AsSlice()}), x509.DNSNames([]string{"kubernetes.default.svc"}),
		x509.NotAfter(time.Now().Add(x509.DefaultCertificateValidityDuration)),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}))
	if err != nil {
		return nil, err
	}

	certificate, err := stdtls.X509KeyPair(pair.Crt, pair.Key)
	if err != nil {
		return nil, err
	}

	pool := stdx509.NewCertPool()
	pool.AppendCertsFromPEM(authority.Crt)

	return &stdtls.Config{
		Certificates: []stdtls.Certificate{certificate}, ClientCAs: pool, ClientAuth: stdtls.RequireAndVerifyClientCert,
		MinVersion: stdtls.VersionTLS12,
	}, nil
}

// Kubelet is the TLS with which a node's kubelet calls the Kubernetes API.
func Kubelet(authority *x509.PEMEncodedCertificateAndKey, nodename string) (*stdtls.Config, error) {
	pair, err := kubernetesClient(authority, "system:node:"+nodename, "system:nodes", time.Hour)
	if err != nil {
		return nil, err
	}

	certificate, err := stdtls.X509KeyPair(pair.Crt, pair.Key)
	if err != nil {
		return nil, err
	}

	pool := stdx509.NewCertPool()
	pool.AppendCertsFromPEM(authority.Crt)

	return &stdtls.Config{Certificates: []stdtls.Certificate{certificate}, RootCAs: pool, MinVersion: stdtls.VersionTLS12}, nil
}

type entry map[string]any

// Kubeconfig is the administrator's, with what the machine config says of it.
func Kubeconfig(provider config.Provider) ([]byte, error) {
	authority, admin := provider.K8sAPIServerCAConfig(), provider.Cluster().AdminKubeconfig()

	pair, err := kubernetesClient(authority.IssuingCA(), admin.CommonName(), admin.CertOrganization(), admin.CertLifetime())
	if err != nil {
		return nil, err
	}

	var accepted []byte
	for _, ca := range authority.AcceptedCAs() {
		accepted = append(accepted, ca.Crt...)
	}

	cluster := provider.K8sClusterConfig()
	user := "admin@" + cluster.ClusterName()

	return yaml.Marshal(entry{
		"apiVersion": "v1", "kind": "Config", "preferences": entry{}, "current-context": user,
		"clusters": []entry{{
			"name":    cluster.ClusterName(),
			"cluster": entry{"server": cluster.ClusterEndpoint().String(), "certificate-authority-data": base64.StdEncoding.EncodeToString(accepted)},
		}},
		"contexts": []entry{{
			"name": user, "context": entry{"cluster": cluster.ClusterName(), "namespace": "default", "user": user},
		}},
		"users": []entry{{
			"name": user,
			"user": entry{"client-certificate-data": base64.StdEncoding.EncodeToString(pair.Crt), "client-key-data": base64.StdEncoding.EncodeToString(pair.Key)},
		}},
	})
}
