package machine

import (
	"errors"
	"net"
	"net/url"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"ichor.example/conformance/peer/kube"
	"ichor.example/conformance/peer/pki"
)

var (
	errNoEtcd     = errors.New("etcd does not run")
	errOnlyMember = errors.New("the only one member has nobody to hand over to")
)

// startControlPlane starts the Kubernetes API in this process, and says that its pods run.
func (boot *Boot) startControlPlane() {
	config, spec := boot.Config(), boot.Machine.Spec

	tls, err := pki.KubernetesServer(config.K8sAPIServerCAConfig().IssuingCA(), spec.IP())
	if err != nil {
		boot.complain("the certificate of the Kubernetes API", err)

		return
	}

	port := "6443"
	if endpoint, err := url.Parse(spec.Kubernetes); err == nil && endpoint.Port() != "" {
		port = endpoint.Port()
	}

	server, err := kube.Serve(boot.Machine.Kubernetes, tls, net.JoinHostPort(spec.IP().String(), port))
	if err != nil {
		boot.complain("the Kubernetes API", err)

		return
	}

	go func() {
		<-boot.Closing.Done()
		boot.complain("closing the Kubernetes API", server.Close())
	}()

	for _, component := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		id := "kube-system/" + component + "-" + boot.Hostname()
		put(boot, "k8s.KubeletStaticPodController", k8s.NewStaticPodStatus(k8s.NamespaceName, id), func(pod *k8s.StaticPodStatus) {
			conditions := []any{}
			for _, kind := range []string{"Initialized", "Ready", "ContainersReady", "PodScheduled"} {
				conditions = append(conditions, map[string]any{"type": kind, "status": "True"})
			}
			pod.TypedSpec().PodStatus = map[string]any{"phase": "Running", "conditions": conditions}
		})
		boot.Logs.Of(id).Append(component + " starts")
	}
}
