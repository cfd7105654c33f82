package machine

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// File is an entry of the part of the file system that tells about cards: procfs, sysfs, device nodes, CDI.
type File struct {
	Mode fs.FileMode
	Text string
	// Link is the target of a symbolic link.
	Link string
}

// Files are by their absolute path.
type Files map[string]File

func (files Files) add(name string, file File) {
	for parent := path.Dir(name); parent != "/"; parent = path.Dir(parent) {
		if _, known := files[parent]; !known {
			files[parent] = File{Mode: fs.ModeDir | 0o755}
		}
	}
	files[name] = file
}

func (files Files) text(name, format string, args ...any) {
	files.add(name, File{Mode: 0o444, Text: fmt.Sprintf(format, args...) + "\n"})
}

// Under gives the paths below one, in the order of a walk.
func (files Files) Under(root string) (names []string) {
	for name := range files {
		if strings.HasPrefix(name, strings.TrimSuffix(root, "/")+"/") {
			names = append(names, name)
		}
	}

	slices.SortFunc(names, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })

	return names
}

// Files as they are now.
func (boot *Boot) Files() Files {
	files, drivers := Files{"/": {Mode: fs.ModeDir | 0o755}}, boot.Drivers()
	for _, name := range []string{"/dev", "/sys/module", "/sys/bus/pci/drivers", "/sys/bus/pci/devices"} {
		files.add(name, File{Mode: fs.ModeDir | 0o755})
	}

	files.text("/proc/sys/kernel/random/boot_id", "%s", boot.ID)
	files.text("/proc/cmdline", "%s", boot.Cmdline())
	files.text("/etc/os-release", "NAME=\"Talos\"\nID=talos\nVERSION_ID=%s", boot.Release.Tag)

	for _, name := range append([]string{"null", "zero", "kmsg", diskID}, drivers.Nodes...) {
		files.add("/dev/"+name, File{Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666})
	}

	for _, module := range drivers.Modules {
		files.text("/sys/module/"+module.Name+"/refcnt", "%d", module.References)
	}

	boot.addDevices(files, drivers)

	if drivers.nvidia {
		files.text("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  %s", branches["production"])
		if boot.services.state("ext-nvidia-cdi-gen") != 0 {
			files.text("/run/cdi/nvidia.yaml", "cdiVersion: 0.8.0\nkind: nvidia.com/gpu\ndevices:\n    - name: all")
		}
	}

	return files
}

func (boot *Boot) addDevices(files Files, drivers Drivers) {
	for _, device := range boot.Machine.Spec.PCI {
		at := "/sys/bus/pci/devices/" + device.Address
		files.text(at+"/vendor", "0x%s", device.VendorID)
		files.text(at+"/device", "0x%s", device.DeviceID)
		files.text(at+"/class", "0x%s%s00", device.ClassID, device.SubclassID)

		driver, bound := drivers.Bound[device.Address]
		if !bound {
			continue
		}

		files.add(at+"/driver", File{Mode: fs.ModeSymlink | 0o777, Link: "../../../bus/pci/drivers/" + driver})
		files.add("/sys/bus/pci/drivers/"+driver+"/"+device.Address,
			File{Mode: fs.ModeSymlink | 0o777, Link: "../../../../devices/pci0000:00/" + device.Address})
		files.text("/sys/bus/pci/drivers/"+driver+"/bind", "")
	}
}
