package machine

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
)

const diskID, diskPath = "nvme0n1", "/dev/nvme0n1"

// publishStorage says which disk there is and, where Talos is installed, what it made of it.
func (boot *Boot) publishStorage() {
	put(boot, "block.DisksController", block.NewDisk(block.NamespaceName, diskID), func(disk *block.Disk) {
		*disk.TypedSpec() = block.DiskSpec{
			DevPath: diskPath, Size: diskSize, PrettySize: humanize.Bytes(diskSize), IOSize: 512, SectorSize: 512,
			Model: "SAMSUNG MZQL21T9HCJR-00A07", Serial: boot.Machine.seeded("disk", 12), WWID: "eui." + boot.Machine.seeded("wwid", 16),
			BusPath: "/pci0000:00/0000:00:01.1/0000:05:00.0/nvme", SubSystem: "/sys/class/block", Transport: "nvme",
			Symlinks: []string{"/dev/disk/by-diskseq/1"},
		}
	})

	if !boot.Machine.Disk().Installed {
		return
	}

	put(boot, "block.SystemDiskController", block.NewSystemDisk(block.NamespaceName, block.SystemDiskID), func(disk *block.SystemDisk) {
		*disk.TypedSpec() = block.SystemDiskSpec{DiskID: diskID, DevPath: diskPath}
	})

	for at, volume := range []struct {
		id         string
		size       uint64
		filesystem block.FilesystemType
	}{
		{"EFI", 2 << 30, block.FilesystemTypeVFAT}, {"META", 1 << 20, block.FilesystemTypeNone},
		{"STATE", 100 << 20, block.FilesystemTypeXFS}, {"EPHEMERAL", diskSize - 3<<30, block.FilesystemTypeXFS},
	} {
		put(boot, "block.VolumeManagerController", block.NewVolumeStatus(block.NamespaceName, volume.id), func(status *block.VolumeStatus) {
			*status.TypedSpec() = block.VolumeStatusSpec{
				Phase: block.VolumePhaseReady, Type: block.VolumeTypePartition, Location: fmt.Sprintf("%sp%d", diskPath, at+1),
				MountLocation: fmt.Sprintf("%sp%d", diskPath, at+1), ParentLocation: diskPath, PartitionIndex: at + 1,
				Size: volume.size, PrettySize: humanize.Bytes(volume.size), Filesystem: volume.filesystem,
			}
		})
	}
}
