package machine

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"ichor.example/conformance/peer/kube"
	"ichor.example/conformance/peer/pki"
)

// kubelet is the running one of a boot; nil where none was started.
type kubelet struct {
	once   sync.Once
	cancel context.CancelFunc
	done   chan struct{}
	inner  *kube.Kubelet
}

// farewell is how long a kubelet tries to say that it stops.
const farewell = 500 * time.Millisecond

// stopKubelet ends the kubelet, if one runs, with a last word to Kubernetes.
func (boot *Boot) stopKubelet() {
	boot.mu.Lock()
	kubelet := boot.kubelet
	boot.mu.Unlock()

	if kubelet == nil {
		return
	}

	kubelet.once.Do(func() {
		kubelet.cancel()
		<-kubelet.done

		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		// The API may be down already: then its node stays as it was last seen.
		_ = kubelet.inner.Tell(ctx, false)
	})
}

// nodeReport is what the kubelet says of the node.
func (boot *Boot) nodeReport(ready bool) kube.Node {
	condition := kube.Condition{Type: "Ready", Status: "True", Reason: "KubeletReady", Message: "the kubelet is ready"}
	if !ready {
		condition = kube.Condition{Type: "Ready", Status: "False", Reason: "KubeletNotReady", Message: "node is shutting down"}
	}

	resources := map[string]string{"cpu": "16", "memory": "131072Mi", "pods": "110"}
	if gpus := boot.Drivers().gpus(); gpus > 0 {
		resources["nvidia.com/gpu"] = strconv.Itoa(gpus)
	}

	return kube.Node{
		APIVersion: "v1", Kind: "Node",
		Metadata: kube.Meta{Name: boot.Hostname(), Labels: map[string]string{"kubernetes.io/hostname": boot.Hostname()}},
		Status: kube.NodeStatus{
			Capacity: resources, Allocatable: resources, Conditions: []kube.Condition{condition},
			NodeInfo: kube.NodeInfo{
				KubeletVersion: boot.kubernetesVersion(), OSImage: "Talos (" + boot.Release.Tag + ")", BootID: boot.ID,
			},
		},
	}
}

func (boot *Boot) startKubelet() {
	config, name := boot.Config(), boot.Hostname()
	boot.publishKubelet()

	authority := boot.Machine.Secret.Certs.K8s
	if own := config.K8sAPIServerCAConfig(); own != nil && own.IssuingCA() != nil {
		authority = own.IssuingCA()
	}

	tls, err := pki.Kubelet(authority, name)
	if err != nil {
		boot.complain("the certificate of the kubelet", err)

		return
	}

	inner := kube.NewKubelet(config.K8sClusterConfig().ClusterEndpoint().String(), tls, boot.nodeReport, func(node kube.Node) {
		put(boot, "k8s.NodeStatusController", k8s.NewNodeStatus(k8s.NamespaceName, name), func(status *k8s.NodeStatus) {
			*status.TypedSpec() = k8s.NodeStatusSpec{
				Nodename: name, NodeReady: node.Ready(), Unschedulable: node.Spec.Unschedulable,
				Labels: node.Metadata.Labels, Annotations: node.Metadata.Annotations,
			}
		})
	})

	ctx, cancel := context.WithCancel(boot.Context)
	started := &kubelet{cancel: cancel, done: make(chan struct{}), inner: inner}

	boot.mu.Lock()
	boot.kubelet = started
	boot.mu.Unlock()

	go func() {
		defer close(started.done)
		inner.Run(ctx, func(err error) { boot.Logs.Of("kubelet").Append(err.Error()) })
	}()
}
