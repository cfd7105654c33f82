/** One function on a machine's PCI bus, with the names that Talos' PCI database gives it. */
export type PciDevice = {
  /** `0000:01:00.0` */
  address: string;
  /** Four hex digits each, without 0x. */
  vendorId: string;
  productId: string;
  /** Two hex digits each. */
  classId: string;
  subclassId: string;
  vendor: string;
  product: string;
};

/** The family decides which driver can bind to a GPU. */
export type GpuFamily =
  | "pascal"
  | "turing"
  | "ampere"
  | "ada"
  | "blackwell"
  | "rdna3"
  | "rdna35-apu"
  | "intel-gen12"
  | "alchemist"
  | "battlemage"
  | "bmc";

export type GpuModel = Omit<PciDevice, "address"> & { family: GpuFamily; marketing: string; memoryBytes: number };

const nvidia = "NVIDIA Corporation";
const amd = "Advanced Micro Devices, Inc. [AMD/ATI]";
const intel = "Intel Corporation";
const GiB = 1024 ** 3;

const gpu = (
  family: GpuFamily,
  ids: `${string}:${string}`,
  vendor: string,
  product: string,
  marketing: string,
  memoryGiB: number,
  subclassId: "00" | "02" | "80" = "00",
): GpuModel => {
  const [vendorId = "", productId = ""] = ids.split(":");
  return {
    family,
    vendorId,
    productId,
    classId: "03",
    subclassId,
    vendor,
    product,
    marketing,
    memoryBytes: memoryGiB * GiB,
  };
};

/** Real devices with their real ids. */
export const gpuModels = {
  gtx1080ti: gpu("pascal", "10de:1b06", nvidia, "GP102 [GeForce GTX 1080 Ti]", "NVIDIA GeForce GTX 1080 Ti", 11),
  rtx2080ti: gpu("turing", "10de:1e07", nvidia, "TU102 [GeForce RTX 2080 Ti Rev. A]", "NVIDIA GeForce RTX 2080 Ti", 11),
  rtx3090: gpu("ampere", "10de:2204", nvidia, "GA102 [GeForce RTX 3090]", "NVIDIA GeForce RTX 3090", 24),
  rtx4090: gpu("ada", "10de:2684", nvidia, "AD102 [GeForce RTX 4090]", "NVIDIA GeForce RTX 4090", 24),
  rtxPro6000: gpu(
    "blackwell",
    "10de:2bb1",
    nvidia,
    "GB202GL [RTX PRO 6000 Blackwell Workstation Edition]",
    "NVIDIA RTX PRO 6000 Blackwell Workstation Edition",
    96,
  ),
  rx7900xtx: gpu(
    "rdna3",
    "1002:744c",
    amd,
    "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]",
    "Radeon RX 7900 XTX",
    24,
  ),
  strixHalo: gpu(
    "rdna35-apu",
    "1002:1586",
    amd,
    "Strix Halo [Radeon Graphics / Radeon 8050S Graphics / Radeon 8060S Graphics]",
    "Radeon 8060S",
    96,
    "80",
  ),
  arcA770: gpu("alchemist", "8086:56a0", intel, "DG2 [Arc A770]", "Intel Arc A770", 16),
  arcB580: gpu("battlemage", "8086:e20b", intel, "Battlemage G21 [Arc B580]", "Intel Arc B580", 12),
  uhd770: gpu("intel-gen12", "8086:a780", intel, "Raptor Lake-S GT1 [UHD Graphics 770]", "Intel UHD Graphics 770", 0),
  aspeed: gpu("bmc", "1a03:2000", "ASPEED Technology, Inc.", "ASPEED Graphics Family", "ASPEED Graphics Family", 0),
} as const satisfies Record<string, GpuModel>;

export type GpuModelId = keyof typeof gpuModels;

const byIds = new Map<string, GpuModel>(
  Object.values(gpuModels).map((model) => [`${model.vendorId}:${model.productId}`, model]),
);

/** The GPU behind a PCI device; undefined for everything else. */
export const gpuModelOf = (device: PciDevice): GpuModel | undefined =>
  byIds.get(`${device.vendorId}:${device.productId}`);

const device = (
  address: string,
  ids: `${string}:${string}`,
  classes: `${string}:${string}`,
  vendor: string,
  product: string,
): PciDevice => {
  const [vendorId = "", productId = ""] = ids.split(":");
  const [classId = "", subclassId = ""] = classes.split(":");
  return { address, vendorId, productId, classId, subclassId, vendor, product };
};

/** What a board has besides its cards. */
export const boardDevices: Readonly<Record<"amd" | "intel", readonly PciDevice[]>> = {
  amd: [
    device("0000:00:00.0", "1022:14a4", "06:00", "Advanced Micro Devices, Inc. [AMD]", "Genoa/Bergamo Root Complex"),
    device("0000:00:01.1", "1022:14ab", "06:04", "Advanced Micro Devices, Inc. [AMD]", "Genoa/Bergamo GPP Bridge"),
    device(
      "0000:05:00.0",
      "144d:a80a",
      "01:08",
      "Samsung Electronics Co Ltd",
      "NVMe SSD Controller PM9A1/PM9A3/980PRO",
    ),
    device("0000:06:00.0", "1022:790b", "0c:05", "Advanced Micro Devices, Inc. [AMD]", "FCH SMBus Controller"),
    device("0000:07:00.0", "8086:1563", "02:00", intel, "Ethernet Controller X550"),
    device("0000:07:00.1", "8086:1563", "02:00", intel, "Ethernet Controller X550"),
  ],
  intel: [
    device("0000:00:00.0", "8086:a700", "06:00", intel, "Raptor Lake-S Host Bridge/DRAM Controller"),
    device("0000:00:14.0", "8086:7ae0", "0c:03", intel, "Alder Lake-S PCH USB 3.2 Gen 2x2 XHCI Controller"),
    device("0000:00:17.0", "8086:7ae2", "01:06", intel, "Alder Lake-S PCH SATA Controller [AHCI Mode]"),
    device("0000:02:00.0", "15b7:5030", "01:08", "Sandisk Corp", "WD Black SN850X / PC SN810 NVMe SSD"),
    device("0000:03:00.0", "8086:125c", "02:00", intel, "Ethernet Controller I226-V"),
  ],
};

/** Drivers in the Talos kernel itself, by what they bind to. */
export const builtInDrivers: Readonly<Record<string, string>> = {
  "8086:1563": "ixgbe",
  "8086:125c": "igc",
  "144d:a80a": "nvme",
  "15b7:5030": "nvme",
  "8086:7ae2": "ahci",
  "8086:7ae0": "xhci_hcd",
  "1022:14ab": "pcieport",
  "1022:790b": "piix4_smbus",
};
