import { define } from "@/lib/talos/resource-def";
import { flag, list, number, struct, text } from "@/lib/talos/resource-fields";

const hardware = "hardware";
const runtime = "runtime";

export const systemInformation = define({
  namespace: hardware,
  type: "SystemInformations.hardware.talos.dev",
  id: "systeminformation",
  spec: struct({
    manufacturer: text(),
    productName: text(),
    version: text(),
    serialNumber: text(),
    uuid: text(64),
    wakeUpType: text(),
    skuNumber: text(),
    biosVersion: text(),
  }),
});

/** One per socket; an empty socket has 0 cores. */
export const processor = define({
  namespace: hardware,
  type: "Processors.hardware.talos.dev",
  spec: struct(
    {
      socket: text(),
      manufacturer: text(),
      productName: text(),
      maxSpeedMhz: number(),
      coreCount: number(),
      coreEnabled: number(),
      threadCount: number(),
    },
    { maxSpeed: "maxSpeedMhz" },
  ),
});

/** One per slot; an empty slot has size 0. */
export const memoryModule = define({
  namespace: hardware,
  type: "MemoryModules.hardware.talos.dev",
  spec: struct(
    {
      sizeMib: number(),
      deviceLocator: text(),
      bankLocator: text(),
      speedMhz: number(),
      manufacturer: text(),
      serialNumber: text(),
      productName: text(),
    },
    { size: "sizeMib", speed: "speedMhz" },
  ),
});

/** The id is the PCI address, `0000:41:00.0`; ids are as the node writes them, `0x10de`. */
export const pciDevice = define({
  namespace: hardware,
  type: "PCIDevices.hardware.talos.dev",
  spec: struct({
    class: text(),
    subclass: text(),
    vendor: text(),
    product: text(),
    classId: text(16),
    subclassId: text(16),
    vendorId: text(16),
    productId: text(16),
    driver: text(128),
  }),
});

/** The id is the device's name, `nvme0n1`. */
export const disk = define({
  namespace: runtime,
  type: "Disks.block.talos.dev",
  spec: struct(
    {
      sizeBytes: number(),
      prettySize: text(),
      sectorSizeBytes: number(),
      readOnly: flag(),
      model: text(),
      serial: text(),
      modalias: text(),
      wwid: text(),
      uuid: text(64),
      busPath: text(),
      subSystem: text(),
      transport: text(64),
      rotational: flag(),
      cdrom: flag(),
      devPath: text(),
      symlinks: list(text()),
    },
    { size: "sizeBytes", sectorSize: "sectorSizeBytes" },
  ),
});

export const systemDisk = define({
  namespace: runtime,
  type: "SystemDisks.block.talos.dev",
  id: "system-disk",
  spec: struct({ diskId: text(), devPath: text() }),
});

/** The id is the volume's name: `STATE`, `EPHEMERAL`, user volumes. */
export const volumeStatus = define({
  namespace: runtime,
  type: "VolumeStatuses.block.talos.dev",
  spec: struct(
    {
      phase: text(64).transform((phase) => phase.toLowerCase()),
      type: text(64),
      location: text(),
      parentLocation: text(),
      mountLocation: text(),
      sizeBytes: number(),
      filesystem: text(64),
      encryptionProvider: text(64),
      errorMessage: text(1024),
    },
    { size: "sizeBytes" },
  ),
});
