// Package kube is as much of Kubernetes as a drain and a proof ask for: nodes, pods, evictions and budgets.
package kube

// Meta is the metadata of every object.
type Meta struct {
	Name              string            `json:"name,omitempty"`
	Namespace         string            `json:"namespace,omitempty"`
	UID               string            `json:"uid,omitempty"`
	ResourceVersion   string            `json:"resourceVersion,omitempty"`
	Labels            map[string]string `json:"labels,omitempty"`
	Annotations       map[string]string `json:"annotations,omitempty"`
	DeletionTimestamp string            `json:"deletionTimestamp,omitempty"`
	OwnerReferences   []Owner           `json:"ownerReferences,omitempty"`
}

// Owner is the controller of a pod.
type Owner struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
	Controller bool   `json:"controller"`
}

// Condition of a node.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// Node of the cluster.
type Node struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Metadata   Meta       `json:"metadata"`
	Spec       NodeSpec   `json:"spec"`
	Status     NodeStatus `json:"status"`
}

// NodeSpec is what people and controllers want of a node.
type NodeSpec struct {
	Unschedulable bool `json:"unschedulable,omitempty"`
}

// NodeStatus is what its kubelet reports.
type NodeStatus struct {
	Capacity    map[string]string `json:"capacity,omitempty"`
	Allocatable map[string]string `json:"allocatable,omitempty"`
	Conditions  []Condition       `json:"conditions,omitempty"`
	NodeInfo    NodeInfo          `json:"nodeInfo"`
}

// NodeInfo names what runs on a node.
type NodeInfo struct {
	KubeletVersion string `json:"kubeletVersion"`
	OSImage        string `json:"osImage"`
	BootID         string `json:"bootID"`
}

// Ready tells whether its kubelet says that it works.
func (node Node) Ready() bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}

	return false
}

// Pod of the cluster.
type Pod struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Metadata   Meta      `json:"metadata"`
	Spec       PodSpec   `json:"spec"`
	Status     PodStatus `json:"status"`

	graceMs int
	budget  string
}

// PodSpec names the pod's node.
type PodSpec struct {
	NodeName                      string `json:"nodeName"`
	TerminationGracePeriodSeconds int    `json:"terminationGracePeriodSeconds"`
}

// PodStatus names its phase.
type PodStatus struct {
	Phase string `json:"phase"`
}

// Budget is a PodDisruptionBudget.
type Budget struct {
	APIVersion string       `json:"apiVersion"`
	Kind       string       `json:"kind"`
	Metadata   Meta         `json:"metadata"`
	Spec       BudgetSpec   `json:"spec"`
	Status     BudgetStatus `json:"status"`
}

// BudgetSpec selects pods by their labels.
type BudgetSpec struct {
	Selector Selector `json:"selector"`
}

// Selector matches labels.
type Selector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

// BudgetStatus is what a budget allows now.
type BudgetStatus struct {
	DisruptionsAllowed int `json:"disruptionsAllowed"`
	CurrentHealthy     int `json:"currentHealthy"`
	DesiredHealthy     int `json:"desiredHealthy"`
	ExpectedPods       int `json:"expectedPods"`
}
