import { atLeast } from "../factory/releases";
import { memoryModules, pciDevices, processors, systemInformations } from "../resources/kinds/hardware";
import type { SpecInput } from "../resources/kind";
import type { PCIDeviceSpec } from "@/lib/talos/gen/resource/definitions/hardware";
import type { SimNode } from "./node";
import { publishStorage } from "./publish-storage";

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

/**
 * What one scan of the hardware found. As on a real node the PCI scan happens once, before NVIDIA's modules load, so those
 * devices show no driver in this boot (Talos hardware/pcidevices.go); drivers that udev loads are bound by then.
 */
export function publishHardware(node: SimNode): void {
  const { machine, resources } = node;
  const withDriver = atLeast(node.running.release, "1.10.0");
  const pci = new Map<string, SpecInput<PCIDeviceSpec>>();
  for (const device of node.pci) {
    const [className, subclasses] = classNames[device.classId] ?? ["Unclassified device", {}];
    const driver = node.drivers.bindings.get(device.address);
    pci.set(device.address, {
      class: className,
      subclass: subclasses[device.subclassId],
      vendor: device.vendor,
      product: device.product,
      classId: `0x${device.classId}`,
      subclassId: `0x${device.subclassId}`,
      vendorId: `0x${device.vendorId}`,
      productId: `0x${device.productId}`,
      driver: withDriver && driver !== "nvidia" ? driver : undefined,
    });
  }
  resources.replace(pciDevices, pci);
  resources.put(systemInformations, "systeminformation", {
    manufacturer: machine.manufacturer,
    productName: machine.productName,
    version: "1.0",
    biosVersion: atLeast(node.running.release, "1.14.0") ? machine.biosVersion : undefined,
    serialNumber: machine.serialNumber,
    uuid: machine.uuid,
    wakeUpType: "Power Switch",
  });
  const { processor } = machine;
  for (let socket = 0; socket < processor.sockets; socket++) {
    resources.put(processors, `CPU-${socket}`, {
      socket: `CPU ${socket}`,
      manufacturer: processor.manufacturer,
      productName: processor.name,
      maxSpeed: 5100,
      bootSpeed: 3250,
      status: 65,
      coreCount: processor.cores,
      coreEnabled: processor.cores,
      threadCount: processor.threads,
    });
  }
  for (const dimm of machine.memoryModules) {
    resources.put(memoryModules, `${dimm.locator} ${dimm.bank}`.replaceAll(" ", "-"), {
      size: dimm.sizeMiB,
      deviceLocator: dimm.locator,
      bankLocator: dimm.bank,
      speed: dimm.speed,
      manufacturer: dimm.manufacturer,
    });
  }
  publishStorage(node);
}
