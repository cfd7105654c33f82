package main

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// checkSystemDisk wants the disk that Talos is installed to, its size in words as the library has it.
func checkSystemDisk(r *reading) error {
	system, err := resourceOf[*block.SystemDisk](r, block.SystemDiskID)
	if err != nil {
		return err
	}

	disk, err := resourceOf[*block.Disk](r, system.TypedSpec().DiskID)
	if err != nil {
		return err
	}

	spec := *disk.TypedSpec()
	spec.SetSize(spec.Size)

	return all(
		wantEqual("device", disk.TypedSpec().DevPath, system.TypedSpec().DevPath),
		wantEqual("size in words", disk.TypedSpec().PrettySize, spec.PrettySize),
		wantEqual("transport", spec.Transport, "nvme"),
		want(spec.Model != "" && spec.Serial != "" && !spec.Readonly, "%+v", spec),
	)
}

// checkVolumes wants the partitions that an installation makes, which fill the disk without overlap.
func checkVolumes(r *reading) error {
	system, err := resourceOf[*block.SystemDisk](r, block.SystemDiskID)
	if err != nil {
		return err
	}

	discovered, err := resourcesOf[*block.DiscoveredVolume](r)
	if err != nil {
		return err
	}

	volumes, err := resourcesOf[*block.VolumeStatus](r)
	if err != nil {
		return err
	}

	mounts, err := resourcesOf[*runtime.MountStatus](r)
	if err != nil {
		return err
	}

	end := uint64(0)

	for index, label := range []string{"EFI", "META", "STATE", "EPHEMERAL"} {
		volume := volumes[label]
		part := discovered[fmt.Sprintf("%sp%d", system.TypedSpec().DiskID, index+1)]

		if volume == nil || part == nil {
			return fmt.Errorf("%s is missing in %d volumes or %d partitions", label, len(volumes), len(discovered))
		}

		spec := *part.TypedSpec()
		spec.SetSize(spec.Size)

		if err = all(
			wantEqual("phase of "+label, volume.TypedSpec().Phase, block.VolumePhaseReady),
			wantEqual("type of "+label, volume.TypedSpec().Type, block.VolumeTypePartition),
			wantEqual("location of "+label, volume.TypedSpec().Location, spec.DevPath),
			wantEqual("disk of "+label, volume.TypedSpec().ParentLocation, system.TypedSpec().DevPath),
			wantEqual("size of "+label, volume.TypedSpec().Size, spec.Size),
			wantEqual("size in words of "+label, part.TypedSpec().PrettySize, spec.PrettySize),
			wantEqual("label", spec.PartitionLabel, label),
			want(spec.Offset >= end, "%s begins at %d, before %d", label, spec.Offset, end),
		); err != nil {
			return err
		}

		end = spec.Offset + spec.Size
	}

	disk := discovered[system.TypedSpec().DiskID]
	ephemeral := mounts["EPHEMERAL"]

	return all(
		want(disk != nil && disk.TypedSpec().Name == "gpt" && disk.TypedSpec().Size >= end, "the disk is %v", disk),
		want(ephemeral != nil && ephemeral.TypedSpec().Target == "/var", "EPHEMERAL is mounted at %v", ephemeral),
	)
}
