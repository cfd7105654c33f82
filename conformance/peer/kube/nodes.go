package kube

import (
	"encoding/json"
	"net/http"
)

func (store *Store) getNodes(writer http.ResponseWriter, request *http.Request) {
	name := selected(request, "metadata.name")
	if watch := request.URL.Query().Get("watch"); watch == "1" || watch == "true" {
		store.watchNodes(request.Context(), writer, name)

		return
	}

	nodes, version, _ := store.listNodes()
	found := []Node{}
	for _, node := range nodes {
		if name == "" || node.Metadata.Name == name {
			found = append(found, node)
		}
	}

	answer(writer, http.StatusOK, list("NodeList", "v1", version, found))
}

func (store *Store) missing(writer http.ResponseWriter, name string) bool {
	if _, known := store.node(name); known {
		return false
	}

	refuse(writer, http.StatusNotFound, "NotFound", `nodes "`+name+`" not found`)

	return true
}

func (store *Store) getNode(writer http.ResponseWriter, request *http.Request) {
	name := request.PathValue("name")
	if store.missing(writer, name) {
		return
	}

	node, _ := store.node(name)
	answer(writer, http.StatusOK, node)
}

func (store *Store) postNode(writer http.ResponseWriter, request *http.Request) {
	var wanted Node
	if err := json.NewDecoder(request.Body).Decode(&wanted); err != nil {
		refuse(writer, http.StatusBadRequest, "BadRequest", err.Error())

		return
	}

	name := wanted.Metadata.Name
	if _, known := store.node(name); known {
		refuse(writer, http.StatusConflict, "AlreadyExists", `nodes "`+name+`" already exists`)

		return
	}

	answer(writer, http.StatusCreated, store.changeNode(name, func(node *Node) {
		node.Metadata.Labels, node.Spec, node.Status = wanted.Metadata.Labels, wanted.Spec, wanted.Status
	}))
}

// merges are the kinds of patch that are understood: both merge objects, which is all that nodes need here.
var merges = map[string]bool{"application/strategic-merge-patch+json": true, "application/merge-patch+json": true}

func (store *Store) patchNode(writer http.ResponseWriter, request *http.Request) {
	name := request.PathValue("name")
	if store.missing(writer, name) {
		return
	}

	if kind := request.Header.Get("Content-Type"); !merges[kind] {
		refuse(writer, http.StatusUnsupportedMediaType, "UnsupportedMediaType", "this kind of patch is not understood: "+kind)

		return
	}

	var patch struct {
		Spec struct {
			Unschedulable *bool `json:"unschedulable"`
		} `json:"spec"`
	}
	if err := json.NewDecoder(request.Body).Decode(&patch); err != nil {
		refuse(writer, http.StatusBadRequest, "BadRequest", err.Error())

		return
	}

	answer(writer, http.StatusOK, store.changeNode(name, func(node *Node) {
		if patch.Spec.Unschedulable != nil {
			node.Spec.Unschedulable = *patch.Spec.Unschedulable
		}
	}))
}

func (store *Store) putStatus(writer http.ResponseWriter, request *http.Request) {
	name := request.PathValue("name")
	if store.missing(writer, name) {
		return
	}

	var wanted Node
	if err := json.NewDecoder(request.Body).Decode(&wanted); err != nil {
		refuse(writer, http.StatusBadRequest, "BadRequest", err.Error())

		return
	}

	answer(writer, http.StatusOK, store.changeNode(name, func(node *Node) { node.Status = wanted.Status }))
}
