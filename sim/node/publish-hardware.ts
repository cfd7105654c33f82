import { atLeast } from "../factory/releases";
import type { SpecValue } from "../resources/yaml-spec";
import type { SimNode } from "./node";

const classNames: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  "01": ["Mass storage controller", { "06": "SATA controller", "08": "Non-Volatile memory controller" }],
  "02": ["Network controller", { "00": "Ethernet controller" }],
  "03": [
    "Display controller",
    { "00": "VGA compatible controller", "02": "3D controller", "80": "Display controller" },
  ],
  "06": ["Bridge", { "00": "Host bridge", "04": "PCI bridge" }],
  "0c": ["Serial bus controller", { "03": "USB controller", "05": "SMBus" }],
};

const mebibytes = (bytes: number) => Math.round(bytes / 1024 ** 2);
const pretty = (bytes: number) =>
  bytes >= 1e12
    ? `${(bytes / 1e12).toFixed(1)} TB`
    : bytes >= 1e9
      ? `${Math.round(bytes / 1e9)} GB`
      : `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * What one scan of the hardware found. As on a real node the PCI scan happens once, before NVIDIA's modules load, so those
 * devices show no driver in this boot (Talos hardware/pcidevices.go); drivers that udev loads are bound by then.
 */
export function publishHardware(node: SimNode): void {
  const { machine, resources } = node;
  const withDriver = atLeast(node.running.release, "1.10.0");
  const pci = new Map<string, SpecValue>();
  for (const device of machine.pci) {
    const [className, subclasses] = classNames[device.classId] ?? ["Unclassified device", {}];
    const driver = node.drivers.bindings.get(device.address);
    pci.set(device.address, {
      class: className,
      subclass: subclasses[device.subclassId],
      vendor: device.vendor,
      product: device.product,
      class_id: `0x${device.classId}`,
      subclass_id: `0x${device.subclassId}`,
      vendor_id: `0x${device.vendorId}`,
      product_id: `0x${device.productId}`,
      driver: withDriver && driver !== "nvidia" ? driver : undefined,
    });
  }
  resources.replace("PCIDevices.hardware.talos.dev", pci);
  resources.put("SystemInformations.hardware.talos.dev", "systeminformation", {
    manufacturer: machine.manufacturer,
    productName: machine.productName,
    version: "1.0",
    biosVersion: atLeast(node.running.release, "1.14.0") ? machine.biosVersion : undefined,
    serialnumber: machine.serialNumber,
    uuid: machine.uuid,
    wakeUpType: "Power Switch",
  });
  const { processor } = machine;
  for (let socket = 0; socket < processor.sockets; socket++) {
    resources.put("Processors.hardware.talos.dev", `CPU-${socket}`, {
      socket: `CPU${socket}`,
      manufacturer: processor.manufacturer,
      productName: processor.name,
      maxSpeedMhz: 5100,
      bootSpeedMhz: 3250,
      status: 65,
      coreCount: processor.cores,
      coreEnabled: processor.cores,
      threadCount: processor.threads,
    });
  }
  for (const dimm of machine.memoryModules) {
    resources.put("MemoryModules.hardware.talos.dev", dimm.locator.replace(" ", "-"), {
      sizeMiB: dimm.sizeMiB,
      deviceLocator: dimm.locator,
      bankLocator: "P0 CHANNEL A",
      speed: dimm.speed,
      manufacturer: dimm.manufacturer,
    });
  }
  publishStorage(node);
}

function publishStorage(node: SimNode): void {
  const { resources } = node;
  const { disk } = node.machine;
  resources.put("Disks.block.talos.dev", disk.id, {
    dev_path: disk.devPath,
    size: disk.sizeBytes,
    pretty_size: pretty(disk.sizeBytes),
    io_size: 512,
    sector_size: 512,
    readonly: false,
    cdrom: false,
    model: disk.model,
    serial: disk.serial,
    wwid: disk.wwid,
    bus_path: "/pci0000:00/0000:00:01.1/0000:05:00.0/nvme",
    sub_system: "/sys/class/block",
    transport: "nvme",
  });
  if (!node.installed) return;
  resources.put("SystemDisks.block.talos.dev", "system-disk", { diskID: disk.id, devPath: disk.devPath });
  const partitions = [
    ["EFI", 2200 * 1024 ** 2, "vfat"],
    ["META", 1024 ** 2, "none"],
    ["STATE", 100 * 1024 ** 2, "xfs"],
    ["EPHEMERAL", disk.sizeBytes - 2400 * 1024 ** 2, "xfs"],
  ] as const;
  for (const [index, [label, size, filesystem]] of partitions.entries()) {
    const location = `${disk.devPath}p${index + 1}`;
    resources.put("VolumeStatuses.block.talos.dev", label, {
      phase: "ready",
      type: "partition",
      location,
      partitionIndex: index + 1,
      parentLocation: disk.devPath,
      size,
      prettySize: pretty(size),
      filesystem,
    });
    resources.put("DiscoveredVolumes.block.talos.dev", `${disk.id}p${index + 1}`, {
      dev_path: location,
      type: "partition",
      device_path: `/sys/class/block/${disk.id}p${index + 1}`,
      parent: disk.id,
      parent_dev_path: disk.devPath,
      offset: mebibytes(index * 4) * 1024,
      size,
      pretty_size: pretty(size),
      name: filesystem === "none" ? "talosmeta" : filesystem,
      partition_label: label,
      partition_index: index + 1,
    });
  }
}
