// Package control lets a test look at a peer and make things go wrong: plain HTTP on loopback, JSON both ways.
package control

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"ichor.example/conformance/peer/api"
	"ichor.example/conformance/peer/factory"
	"ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/pki"
)

// Server is the control API of one machine.
type Server struct {
	machine *machine.Machine
	journal *api.Journal
	http    *http.Server
	URL     string
}

// Open starts the control API.
func Open(machine *machine.Machine, journal *api.Journal) (*Server, error) {
	listener, err := net.Listen("tcp", machine.Spec.Control)
	if err != nil {
		return nil, err
	}

	server := &Server{machine: machine, journal: journal, URL: "http://" + listener.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /state", server.getState)
	mux.HandleFunc("GET /calls", server.getCalls)
	mux.HandleFunc("DELETE /calls", server.deleteCalls)
	mux.HandleFunc("PUT /faults", server.putFaults)
	mux.HandleFunc("POST /drop", server.postDrop)
	mux.HandleFunc("POST /power-on", server.postPowerOn)
	mux.HandleFunc("POST /certificate", server.postCertificate)
	mux.HandleFunc("PUT /budget", server.putBudget)
	server.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	go func() {
		if err := server.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			machine.Log.Printf("the control API ended: %v", err)
		}
	}()

	return server, nil
}

// Close ends it.
func (server *Server) Close() error { return server.http.Close() }

func answer(writer http.ResponseWriter, body any) {
	writer.Header().Set("Content-Type", "application/json")
	// Whoever asked may have gone away.
	_ = json.NewEncoder(writer).Encode(body)
}

// read decodes a request, or answers that it cannot be read.
func read[Body any](writer http.ResponseWriter, request *http.Request) (body Body, good bool) {
	decoder := json.NewDecoder(request.Body)
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&body); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)

		return body, false
	}

	return body, true
}

// Slot is an installed image, as a test sees it.
type Slot struct {
	Release     string `json:"release"`
	SchematicID string `json:"schematicId"`
}

// State is what a peer is.
type State struct {
	BootID      string  `json:"bootId"`
	Running     Slot    `json:"running"`
	Slots       []*Slot `json:"slots"`
	Active      int     `json:"active"`
	Fallback    int     `json:"fallback"`
	Installed   bool    `json:"installed"`
	Off         bool    `json:"off"`
	Maintenance bool    `json:"maintenance"`
	Fingerprint string  `json:"fingerprint"`
	Config      string  `json:"config"`
	UUID        string  `json:"uuid"`
}

func slotOf(release string, schematic factory.Schematic) *Slot { return &Slot{release, schematic.ID} }

func (server *Server) getState(writer http.ResponseWriter, _ *http.Request) {
	boot, disk := server.machine.Boot(), server.machine.Disk()
	state := State{
		BootID: boot.ID, Running: *slotOf(boot.Slot.Release, boot.Slot.Schematic), Active: disk.Active, Fallback: disk.Fallback,
		Installed: disk.Installed, Off: server.machine.Off(), Maintenance: boot.Maintenance(), Fingerprint: boot.Fingerprint(),
		Config: string(disk.Config), UUID: server.machine.UUID(),
	}

	for _, slot := range disk.Slots {
		if slot == nil {
			state.Slots = append(state.Slots, nil)
		} else {
			state.Slots = append(state.Slots, slotOf(slot.Release, slot.Schematic))
		}
	}

	answer(writer, state)
}

func (server *Server) getCalls(writer http.ResponseWriter, _ *http.Request) {
	answer(writer, server.journal.Calls())
}

func (server *Server) deleteCalls(writer http.ResponseWriter, _ *http.Request) {
	server.journal.Forget()
	answer(writer, true)
}

func (server *Server) putFaults(writer http.ResponseWriter, request *http.Request) {
	if faults, good := read[machine.Faults](writer, request); good {
		server.machine.SetFaults(faults)
		answer(writer, faults)
	}
}

func (server *Server) postDrop(writer http.ResponseWriter, _ *http.Request) {
	server.machine.Boot().Drop()
	answer(writer, true)
}

func (server *Server) postPowerOn(writer http.ResponseWriter, _ *http.Request) {
	server.machine.PowerOn()
	answer(writer, true)
}

func (server *Server) postCertificate(writer http.ResponseWriter, request *http.Request) {
	wanted, good := read[pki.ClientRequest](writer, request)
	if !good {
		return
	}

	identity, err := pki.Client(server.machine.Secret.Certs.OS, wanted)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)

		return
	}

	answer(writer, identity)
}

type budget struct {
	Namespace          string `json:"namespace"`
	Name               string `json:"name"`
	DisruptionsAllowed int    `json:"disruptionsAllowed"`
}

func (server *Server) putBudget(writer http.ResponseWriter, request *http.Request) {
	if wanted, good := read[budget](writer, request); good {
		answer(writer, server.machine.Kubernetes.Allow(wanted.Namespace, wanted.Name, wanted.DisruptionsAllowed))
	}
}
