package machine

import (
	"context"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"

	"ichor.example/conformance/peer/pki"
)

// open puts the API with this identity in the place of the present one.
func (boot *Boot) open(identity *pki.Identity) error {
	// Both listen at the same address.
	boot.swapServer(nil, time.Duration(float64(apiGrace)*boot.Machine.Spec.TimeScale))

	server, err := boot.Machine.serve(boot, identity)
	if err != nil {
		return err
	}

	boot.swapServer(server, 0)
	boot.services.start("apid")
	boot.Machine.once.Do(boot.Machine.answering)

	return nil
}

// authority signs the certificates of the machine API: the config's where it is a control plane's, else what trustd has.
func (boot *Boot) authority() *x509.PEMEncodedCertificateAndKey {
	if issuing := boot.Config().Machine().Security().IssuingCA(); issuing != nil && len(issuing.Key) > 0 {
		return issuing
	}

	return boot.Machine.Secret.Certs.OS
}

func (boot *Boot) openAsMember() error {
	identity, err := pki.Member(boot.authority(), boot.Machine.Spec.IP(), boot.Hostname(), boot.controlPlane())
	if err != nil {
		return err
	}

	return boot.open(identity)
}

// maintain waits in maintenance mode for a config; then the API is opened to the cluster alone.
func (boot *Boot) maintain(ctx context.Context) error {
	boot.publishNetwork()

	identity, err := pki.Maintenance(boot.Machine.Spec.IP(), boot.Hostname())
	if err != nil {
		return err
	}

	if err = boot.open(identity); err != nil {
		return err
	}

	fingerprint, err := identity.Fingerprint()
	if err != nil {
		return err
	}

	boot.setFingerprint(fingerprint)
	boot.talos("this machine is reachable at %s, its certificate has the fingerprint %s", boot.Machine.Spec.IP(), fingerprint)
	boot.Events.Publish("", &machine.TaskEvent{Task: "runningMaintenance", Action: machine.TaskEvent_START})

	for boot.Maintenance() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-boot.arrived:
		}
	}

	boot.setFingerprint("")
	boot.Events.Publish("", &machine.TaskEvent{Task: "runningMaintenance", Action: machine.TaskEvent_STOP})

	return boot.openAsMember()
}

func (boot *Boot) setFingerprint(fingerprint string) {
	boot.mu.Lock()
	defer boot.mu.Unlock()
	boot.fingerprint = fingerprint
}

// Fingerprint is what the console shows in maintenance mode; empty otherwise.
func (boot *Boot) Fingerprint() string {
	boot.mu.Lock()
	defer boot.mu.Unlock()

	return boot.fingerprint
}
