package main

import (
	stdx509 "crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"

	"github.com/siderolabs/crypto/x509"
)

type certificateInput struct {
	CA  string `json:"ca"`
	Crt string `json:"crt"`
	Key string `json:"key"`
	// Usage is `client`, `server` or `authority`.
	Usage string `json:"usage"`
	Host  string `json:"host"`
}

var extendedUsages = map[string][]stdx509.ExtKeyUsage{
	"client":    {stdx509.ExtKeyUsageClientAuth},
	"server":    {stdx509.ExtKeyUsageServerAuth},
	"authority": {stdx509.ExtKeyUsageAny},
}

// judgeCertificate reads a certificate and its key as Talos does, and verifies the chain for its use.
func judgeCertificate(raw json.RawMessage) (any, error) {
	input := read[certificateInput](raw)

	pair := &x509.PEMEncodedCertificateAndKey{Crt: []byte(input.Crt), Key: []byte(input.Key)}

	certificate, err := pair.GetCert()
	if err != nil {
		return nil, err
	}

	if _, err = pair.GetKey(); err != nil {
		return nil, err
	}

	if input.Usage == "authority" && !certificate.IsCA {
		return nil, errors.New("the certificate is no authority")
	}

	roots := stdx509.NewCertPool()
	if block, _ := pem.Decode([]byte(input.CA)); block == nil || !roots.AppendCertsFromPEM([]byte(input.CA)) {
		return nil, errors.New("the authority cannot be read")
	}

	_, err = certificate.Verify(stdx509.VerifyOptions{
		Roots: roots, KeyUsages: extendedUsages[input.Usage], DNSName: input.Host,
	})
	if err != nil {
		return nil, err
	}

	return map[string]any{
		"organizations": certificate.Subject.Organization,
		"commonName":    certificate.Subject.CommonName,
		"authority":     certificate.IsCA,
		"keyUsage":      int(certificate.KeyUsage),
	}, nil
}
