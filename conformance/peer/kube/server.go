package kube

import (
	"context"
	stdtls "crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// Server is the Kubernetes API of a control plane.
type Server struct{ http *http.Server }

// Serve opens the API. Every client shows a certificate of the cluster's.
func Serve(store *Store, config *stdtls.Config, address string) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	store.routes(mux)

	// Clients that are refused in the handshake are no news.
	quiet := log.New(io.Discard, "", 0)
	server := &Server{http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet}}

	go func() {
		if err := server.http.Serve(stdtls.NewListener(listener, config)); !errors.Is(err, http.ErrServerClosed) {
			log.Printf("the Kubernetes API ended: %v", err)
		}
	}()

	return server, nil
}

// Close drops all connections.
func (server *Server) Close() error { return server.http.Close() }

func answer(writer http.ResponseWriter, code int, body any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(code)
	// A client that has gone away is no failure of the server.
	_ = json.NewEncoder(writer).Encode(body)
}

func refuse(writer http.ResponseWriter, code int, reason, message string) {
	answer(writer, code, map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code,
	})
}

func list(kind, apiVersion, version string, items any) map[string]any {
	return map[string]any{"kind": kind, "apiVersion": apiVersion, "metadata": Meta{ResourceVersion: version}, "items": items}
}

// selected takes one value out of a field selector, `spec.nodeName=worker-1`.
func selected(request *http.Request, field string) string {
	value, _ := strings.CutPrefix(request.URL.Query().Get("fieldSelector"), field+"=")

	return value
}

func (store *Store) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/nodes", store.getNodes)
	mux.HandleFunc("GET /api/v1/nodes/{name}", store.getNode)
	mux.HandleFunc("POST /api/v1/nodes", store.postNode)
	mux.HandleFunc("PATCH /api/v1/nodes/{name}", store.patchNode)
	mux.HandleFunc("PUT /api/v1/nodes/{name}/status", store.putStatus)
	mux.HandleFunc("GET /api/v1/pods", func(writer http.ResponseWriter, request *http.Request) {
		answer(writer, http.StatusOK, list("PodList", "v1", "0", store.podsOn(selected(request, "spec.nodeName"))))
	})
	mux.HandleFunc("GET /apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets", func(writer http.ResponseWriter, request *http.Request) {
		answer(writer, http.StatusOK, list("PodDisruptionBudgetList", "policy/v1", "0", store.budgetsIn(request.PathValue("namespace"))))
	})
	mux.HandleFunc("POST /api/v1/namespaces/{namespace}/pods/{name}/eviction", store.postEviction)
	mux.HandleFunc("/", func(writer http.ResponseWriter, _ *http.Request) {
		refuse(writer, http.StatusNotFound, "NotFound", "there is nothing at this path")
	})
}

func (store *Store) postEviction(writer http.ResponseWriter, request *http.Request) {
	var eviction struct {
		DeleteOptions struct {
			Preconditions struct {
				UID string `json:"uid"`
			} `json:"preconditions"`
		} `json:"deleteOptions"`
	}

	if err := json.NewDecoder(request.Body).Decode(&eviction); err != nil {
		refuse(writer, http.StatusBadRequest, "BadRequest", err.Error())

		return
	}

	name := request.PathValue("name")

	switch store.evict(request.PathValue("namespace"), name, eviction.DeleteOptions.Preconditions.UID) {
	case evicted:
		answer(writer, http.StatusCreated, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	case replaced:
		refuse(writer, http.StatusConflict, "Conflict", "that pod is gone, and another has its name")
	case blocked:
		refuse(writer, http.StatusTooManyRequests, "TooManyRequests", "The pod's disruption budget allows no eviction.")
	default:
		refuse(writer, http.StatusNotFound, "NotFound", `pods "`+name+`" not found`)
	}
}

// watchNodes sends every change of the nodes as a line, until the client goes away.
func (store *Store) watchNodes(ctx context.Context, writer http.ResponseWriter, name string) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(http.StatusOK)

	flusher, encoder, seen := http.NewResponseController(writer), json.NewEncoder(writer), map[string]string{}

	for {
		nodes, _, changed := store.listNodes()
		for _, node := range nodes {
			before, known := seen[node.Metadata.Name]
			if (name != "" && node.Metadata.Name != name) || before == node.Metadata.ResourceVersion {
				continue
			}
			seen[node.Metadata.Name] = node.Metadata.ResourceVersion
			kind := "ADDED"
			if known {
				kind = "MODIFIED"
			}
			if encoder.Encode(map[string]any{"type": kind, "object": node}) != nil {
				return
			}
		}
		if flusher.Flush() != nil {
			return
		}

		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}
