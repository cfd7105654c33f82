package main

import (
	"io"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// checkBootID wants the same as in the kernel's file.
func checkBootID(r *reading) error {
	bootID, err := resourceOf[*runtime.BootID](r, runtime.BootIDID)
	if err != nil {
		return err
	}

	file, err := r.api.Read(r.ctx, "/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}

	content, err := io.ReadAll(file)
	if err != nil {
		return err
	}

	return all(
		wantEqual("boot ID", bootID.TypedSpec().BootID, r.truth.BootID),
		wantEqual("the file", string(content), r.truth.BootID+"\n"),
	)
}

func checkBootFacts(r *reading) error {
	cmdline, err := resourceOf[*runtime.KernelCmdline](r, runtime.KernelCmdlineID)
	if err != nil {
		return err
	}

	security, err := resourceOf[*runtime.SecurityState](r, runtime.SecurityStateID)
	if err != nil {
		return err
	}

	platform, err := resourceOf[*runtime.PlatformMetadata](r, runtime.PlatformMetadataID)
	if err != nil {
		return err
	}

	wanted := []string{"talos.platform=metal"}
	if r.node.Name == "gpu-05" {
		wanted = append(wanted, "amd_iommu=off", "ttm.pages_limit=33554432")
	}

	arguments := strings.Fields(cmdline.TypedSpec().Cmdline)
	present := map[string]bool{}

	for _, argument := range arguments {
		present[argument] = true
	}

	for _, argument := range wanted {
		if err = want(present[argument], "%q is missing in %q", argument, arguments); err != nil {
			return err
		}
	}

	return all(
		wantEqual("secure boot", security.TypedSpec().SecureBoot, false),
		wantEqual("booted with a UKI", security.TypedSpec().BootedWithUKI, true),
		wantEqual("platform", platform.TypedSpec().Platform, "metal"),
	)
}
