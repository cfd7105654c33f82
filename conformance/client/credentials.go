package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"

	"go.yaml.in/yaml/v4"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// checkCredentials has control planes make credentials, and uses them.
func checkCredentials(s *suite) {
	for _, node := range []Node{s.node("cp-01"), s.node("cp-03")} {
		s.on(node, "Kubeconfig", func(ctx context.Context) error {
			content, err := s.asAdmin(node).Kubeconfig(ctx)
			if err != nil {
				return err
			}

			return checkKubeconfig(content, *node.Cluster)
		})

		s.on(node, "GenerateClientConfiguration without a time to live", func(ctx context.Context) error {
			_, err := s.asAdmin(node).GenerateClientConfiguration(ctx, &machine.GenerateClientConfigurationRequest{Roles: []string{reader}})

			return wantCode(err, codes.InvalidArgument, "crt_ttl should be positive")
		})

		for _, roles := range [][]string{{"os:operator"}, {"os:etcd:backup"}, {reader, "os:etcd:backup"}} {
			s.on(node, fmt.Sprintf("GenerateClientConfiguration for %v", roles), func(ctx context.Context) error {
				return s.checkMinted(ctx, node, roles)
			})
		}
	}
}

// checkKubeconfig wants a client certificate of an admin, signed by the authority next to it.
func checkKubeconfig(content []byte, cluster string) error {
	var kubeconfig struct {
		CurrentContext string `yaml:"current-context"`
		Clusters       []struct {
			Name    string `yaml:"name"`
			Cluster struct {
				Server    string `yaml:"server"`
				Authority string `yaml:"certificate-authority-data"`
			} `yaml:"cluster"`
		} `yaml:"clusters"`
		Users []struct {
			Name string `yaml:"name"`
			User struct {
				Certificate string `yaml:"client-certificate-data"`
				Key         string `yaml:"client-key-data"`
			} `yaml:"user"`
		} `yaml:"users"`
	}

	if err := yaml.Unmarshal(content, &kubeconfig); err != nil {
		return err
	}

	if len(kubeconfig.Clusters) != 1 || len(kubeconfig.Users) != 1 {
		return fmt.Errorf("%d clusters, %d users", len(kubeconfig.Clusters), len(kubeconfig.Users))
	}

	authority, err := certificateOf(kubeconfig.Clusters[0].Cluster.Authority)
	if err != nil {
		return err
	}

	certificate, err := certificateOf(kubeconfig.Users[0].User.Certificate)
	if err != nil {
		return err
	}

	return all(
		wantEqual("context", kubeconfig.CurrentContext, "admin@"+cluster),
		wantEqual("cluster", kubeconfig.Clusters[0].Name, cluster),
		wantMatch("server", kubeconfig.Clusters[0].Cluster.Server, `^https://`),
		wantEqual("organization", certificate.Subject.Organization, []string{"system:masters"}),
		certificate.CheckSignatureFrom(authority),
	)
}

func certificateOf(encoded string) (*x509.Certificate, error) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}

	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("no PEM")
	}

	return x509.ParseCertificate(block.Bytes)
}
