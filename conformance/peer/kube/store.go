package kube

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"ichor.example/conformance/peer/spec"
)

// Store is what etcd keeps of the cluster; it outlives the restarts of its control plane.
type Store struct {
	mu      sync.Mutex
	version int
	nodes   map[string]Node
	pods    map[string]Pod
	budgets map[string]Budget
	changed chan struct{}
	// scale multiplies the time that a pod takes to end.
	scale float64
}

// newUID is the identity of an object.
func newUID() string {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}

	text := hex.EncodeToString(bytes)

	return fmt.Sprintf("%s-%s-%s-%s-%s", text[0:8], text[8:12], text[12:16], text[16:20], text[20:])
}

// NewStore makes the cluster's state with these pods.
func NewStore(pods []spec.Pod, scale float64) *Store {
	store := &Store{
		nodes: map[string]Node{}, pods: map[string]Pod{}, budgets: map[string]Budget{}, changed: make(chan struct{}), scale: scale,
	}

	for _, wanted := range pods {
		pod := Pod{
			APIVersion: "v1", Kind: "Pod", Status: PodStatus{Phase: "Running"},
			Metadata: Meta{Name: wanted.Name, Namespace: wanted.Namespace, UID: newUID(), Labels: map[string]string{"app": wanted.Name}},
			Spec:     PodSpec{NodeName: wanted.Node, TerminationGracePeriodSeconds: wanted.GraceMs / 1000},
			graceMs:  wanted.GraceMs, budget: wanted.Budget,
		}
		if wanted.Owner != "" {
			pod.Metadata.OwnerReferences = []Owner{
				{APIVersion: "apps/v1", Kind: wanted.Owner, Name: wanted.Name, UID: newUID(), Controller: true},
			}
		}
		store.pods[wanted.Namespace+"/"+wanted.Name] = pod
		if wanted.Budget != "" {
			store.budgets[wanted.Namespace+"/"+wanted.Budget] = newBudget(wanted)
		}
	}

	return store
}

// newBudget guards the pod of this name.
func newBudget(wanted spec.Pod) Budget {
	return Budget{
		APIVersion: "policy/v1", Kind: "PodDisruptionBudget",
		Metadata: Meta{Name: wanted.Budget, Namespace: wanted.Namespace, UID: newUID()},
		Spec:     BudgetSpec{Selector: Selector{MatchLabels: map[string]string{"app": wanted.Name}}},
		Status: BudgetStatus{
			DisruptionsAllowed: wanted.DisruptionsAllowed, CurrentHealthy: 1, DesiredHealthy: 1 - min(1, wanted.DisruptionsAllowed),
			ExpectedPods: 1,
		},
	}
}

// touch numbers a change and wakes the watchers. The lock is held.
func (store *Store) touch() string {
	store.version++
	close(store.changed)
	store.changed = make(chan struct{})

	return strconv.Itoa(store.version)
}

// node gives one by its name.
func (store *Store) node(name string) (Node, bool) {
	store.mu.Lock()
	defer store.mu.Unlock()
	node, known := store.nodes[name]

	return node, known
}

// changeNode makes or changes a node and gives what it is then.
func (store *Store) changeNode(name string, change func(*Node)) Node {
	store.mu.Lock()
	defer store.mu.Unlock()

	node, known := store.nodes[name]
	if !known {
		node = Node{APIVersion: "v1", Kind: "Node", Metadata: Meta{Name: name, UID: newUID()}}
	}

	change(&node)
	node.Metadata.ResourceVersion = store.touch()
	store.nodes[name] = node

	return node
}

// listNodes gives all nodes by name.
func (store *Store) listNodes() (nodes []Node, version string, changed <-chan struct{}) {
	store.mu.Lock()
	defer store.mu.Unlock()

	for _, name := range slices.Sorted(maps.Keys(store.nodes)) {
		nodes = append(nodes, store.nodes[name])
	}

	return nodes, strconv.Itoa(store.version), store.changed
}

// podsOn gives the pods of a node.
func (store *Store) podsOn(node string) []Pod {
	store.mu.Lock()
	defer store.mu.Unlock()

	pods := []Pod{}
	for _, key := range slices.Sorted(maps.Keys(store.pods)) {
		if pod := store.pods[key]; node == "" || pod.Spec.NodeName == node {
			pods = append(pods, pod)
		}
	}

	return pods
}

// budgetsIn gives the budgets of a namespace.
func (store *Store) budgetsIn(namespace string) []Budget {
	store.mu.Lock()
	defer store.mu.Unlock()

	budgets := []Budget{}
	for _, key := range slices.Sorted(maps.Keys(store.budgets)) {
		if budget := store.budgets[key]; budget.Metadata.Namespace == namespace {
			budgets = append(budgets, budget)
		}
	}

	return budgets
}

// Allow sets how many pods a budget lets go.
func (store *Store) Allow(namespace, name string, disruptions int) bool {
	store.mu.Lock()
	defer store.mu.Unlock()

	budget, known := store.budgets[namespace+"/"+name]
	if known {
		budget.Status.DisruptionsAllowed = disruptions
		store.budgets[namespace+"/"+name] = budget
	}

	return known
}

// Outcomes of an eviction, as HTTP statuses.
const (
	evicted  = 201
	gone     = 404
	replaced = 409
	blocked  = 429
)

// evict begins to end a pod, within its budget.
func (store *Store) evict(namespace, name, uid string) int {
	store.mu.Lock()
	defer store.mu.Unlock()

	key := namespace + "/" + name
	pod, known := store.pods[key]

	switch {
	case !known:
		return gone
	case uid != "" && uid != pod.Metadata.UID:
		return replaced
	case pod.Metadata.DeletionTimestamp != "":
		return evicted
	}

	if budget, covered := store.budgets[namespace+"/"+pod.budget]; covered {
		if budget.Status.DisruptionsAllowed < 1 {
			return blocked
		}
		budget.Status.DisruptionsAllowed--
		store.budgets[namespace+"/"+pod.budget] = budget
	}

	grace := time.Duration(float64(pod.graceMs)*store.scale) * time.Millisecond
	pod.Metadata.DeletionTimestamp = time.Now().Add(grace).UTC().Format(time.RFC3339)
	pod.Metadata.ResourceVersion = store.touch()
	store.pods[key] = pod

	time.AfterFunc(grace, func() {
		store.mu.Lock()
		defer store.mu.Unlock()
		delete(store.pods, key)
		store.touch()
	})

	return evicted
}
