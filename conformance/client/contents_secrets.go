package main

import (
	"bytes"
	"encoding/base64"

	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
)

// checkRootSecrets wants the authority that the talosconfig trusts; its key only on control planes.
func checkRootSecrets(r *reading) error {
	root, err := resourceOf[*secrets.OSRoot](r, secrets.OSRootID)
	if err != nil {
		return err
	}

	config := r.configs[admin]

	authority, err := base64.StdEncoding.DecodeString(config.Contexts[config.Context].CA)
	if err != nil {
		return err
	}

	accepted := root.TypedSpec().AcceptedCAs

	return all(
		want(len(accepted) == 1 && bytes.Equal(accepted[0].Crt, authority), "%d accepted authorities", len(accepted)),
		wantEqual("has a key", root.TypedSpec().IssuingCA != nil && len(root.TypedSpec().IssuingCA.Key) > 0, r.node.controlPlane()),
		want(root.TypedSpec().Token != "", "no token"),
	)
}

func checkControlPlaneSecrets(r *reading) error {
	store, err := resourceOf[*secrets.EtcdRoot](r, secrets.EtcdRootID)
	if err != nil {
		return err
	}

	root, err := resourceOf[*secrets.KubernetesRoot](r, secrets.KubernetesRootID)
	if err != nil {
		return err
	}

	spec := root.TypedSpec()

	return all(
		want(len(store.TypedSpec().EtcdCA.Key) > 0, "etcd's authority has no key"),
		wantEqual("cluster", spec.Name, *r.node.Cluster),
		want(spec.Endpoint != nil && spec.LocalEndpoint != nil, "no endpoints"),
		want(len(spec.IssuingCA.Key) > 0 && len(spec.AggregatorCA.Key) > 0, "authorities have no keys"),
		want(len(spec.ServiceAccount.Key) > 0, "no service account key"),
	)
}
