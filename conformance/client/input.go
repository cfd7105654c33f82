package main

// Input is what a run needs to know of its fleet.
type Input struct {
	// Talosconfig and ReaderTalosconfig are the texts of talosconfigs with the roles os:admin and os:reader.
	Talosconfig       string `json:"talosconfig"`
	ReaderTalosconfig string `json:"readerTalosconfig"`
	// ControlURL tells and changes the state of the fleet from outside of Talos.
	ControlURL string `json:"controlUrl"`
	FactoryURL string `json:"factoryUrl"`
	Nodes      []Node `json:"nodes"`
	// Kinds are the types of resources that the fleet says it serves.
	Kinds []Kind `json:"kinds"`
	// Methods are the full names of the calls that the fleet says it answers.
	Methods []string `json:"methods"`
}

// Node is a machine of the fleet. Cluster is nil in maintenance mode.
type Node struct {
	Name     string  `json:"name"`
	Address  string  `json:"address"`
	Endpoint string  `json:"endpoint"`
	Cluster  *string `json:"cluster"`
	Role     string  `json:"role"`
}

// Kind is a type of resources; Since is the first Talos release that has it, empty for all.
type Kind struct {
	Type      string `json:"type"`
	Namespace string `json:"namespace"`
	Since     string `json:"since"`
	Sensitive bool   `json:"sensitive"`
	// Owner is the name of the controller that writes it.
	Owner string `json:"owner"`
}
