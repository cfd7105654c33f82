import type { NodeSpec } from "../scenario/node-spec";
import { seededHex, seededMac, seededUuid } from "../random";
import { boardDevices, gpuModels, type PciDevice } from "./pci";

const mebibyte = 1024 ** 2;

/** A machine as its firmware describes it: does not change with what is installed on it. */
export type Machine = {
  uuid: string;
  serialNumber: string;
  manufacturer: string;
  productName: string;
  biosVersion: string;
  processor: NodeSpec["processor"];
  /** What the kernel has of the memory that is built in. */
  memoryBytes: number;
  memoryModules: { locator: string; bank: string; sizeMiB: number; speed: number; manufacturer: string }[];
  disk: { id: string; devPath: string; sizeBytes: number; model: string; serial: string; wwid: string };
  nics: { name: string; mac: string; pciAddress: string; driver: string; speedMegabits: number; up: boolean }[];
  pci: PciDevice[];
};

/** Builds the machine of a spec; serials, MACs and UUID depend on `seed` and its name alone. */
export function buildMachine(spec: NodeSpec, seed: string): Machine {
  const key = `${seed}/${spec.name}`;
  const gpus = spec.gpus.map((id, index): PciDevice => {
    const { family, marketing: _marketing, memoryBytes: _memoryBytes, ...ids } = gpuModels[id];
    const integrated = family === "intel-gen12";
    return {
      ...ids,
      address: integrated ? "0000:00:02.0" : `0000:${(0x41 + index * 0x20).toString(16).padStart(2, "0")}:00.0`,
    };
  });
  const bmc = spec.bmc ? [bmcDevice()] : [];
  const pci = [...boardDevices[spec.board], ...gpus, ...bmc].sort((a, b) => (a.address < b.address ? -1 : 1));
  const modules = spec.memoryGiB >= 256 ? 12 : spec.memoryGiB >= 128 ? 4 : 2;
  const amd = spec.board === "amd";
  return {
    uuid: seededUuid(key),
    serialNumber: `S${seededHex(`serial/${key}`, 10).toUpperCase()}`,
    manufacturer: spec.manufacturer,
    productName: spec.productName,
    biosVersion: amd ? "2.6" : "3901",
    processor: spec.processor,
    // Firmware and kernel keep a part.
    memoryBytes: Math.floor(spec.memoryGiB * 0.984 * mebibyte) * 1024,
    memoryModules: Array.from({ length: modules }, (_, index) => ({
      locator: `DIMM ${String.fromCharCode(65 + index)}1`,
      bank: `P0 CHANNEL ${String.fromCharCode(65 + index)}`,
      sizeMiB: Math.round((spec.memoryGiB * 1024) / modules),
      speed: amd ? 4800 : 5600,
      manufacturer: amd ? "Samsung" : "Kingston",
    })),
    disk: {
      id: "nvme0n1",
      devPath: "/dev/nvme0n1",
      sizeBytes: spec.diskGiB * 1024 ** 3,
      model: amd ? "SAMSUNG MZQL21T9HCJR-00A07" : "WD_BLACK SN850X 1000GB",
      serial: `S64G${seededHex(`disk/${key}`, 10).toUpperCase()}`,
      wwid: `eui.${seededHex(`wwid/${key}`, 16)}`,
    },
    nics: amd
      ? [
          {
            name: "enp7s0f0",
            mac: seededMac(`${key}/0`, "3c:ec:ef"),
            pciAddress: "0000:07:00.0",
            driver: "ixgbe",
            speedMegabits: 10_000,
            up: true,
          },
          {
            name: "enp7s0f1",
            mac: seededMac(`${key}/1`, "3c:ec:ef"),
            pciAddress: "0000:07:00.1",
            driver: "ixgbe",
            speedMegabits: 0,
            up: false,
          },
        ]
      : [
          {
            name: "enp3s0",
            mac: seededMac(`${key}/0`, "a0:36:bc"),
            pciAddress: "0000:03:00.0",
            driver: "igc",
            speedMegabits: 2_500,
            up: true,
          },
        ],
    pci,
  };
}

function bmcDevice(): PciDevice {
  const { family: _family, marketing: _marketing, memoryBytes: _memoryBytes, ...ids } = gpuModels.aspeed;
  return { ...ids, address: "0000:c6:00.0" };
}
