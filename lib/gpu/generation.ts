/** Generations of NVIDIA, oldest first. */
export const nvidiaGenerations = [
  "Kepler",
  "Maxwell",
  "Pascal",
  "Volta",
  "Turing",
  "Ampere",
  "Hopper",
  "Ada Lovelace",
  "Blackwell",
] as const;
export type NvidiaGeneration = (typeof nvidiaGenerations)[number];

/** What the two module flavours and the driver branches do with a generation. */
export type NvidiaSupport = {
  /** The open kernel modules need the GSP, which Turing introduced; Blackwell has no other way. */
  open: "unsupported" | "supported" | "required";
  /** First driver branch that knows it. */
  firstBranch: number;
  /** Last driver branch that knows it; null where none has dropped it. */
  lastBranch: number | null;
};

/**
 * NVIDIA's open-gpu-kernel-modules README ("any Turing or later GPU") and its statement of July 2024 (Blackwell must use
 * the open modules); R470 is the last branch for Kepler, R580 the last for Maxwell, Pascal and Volta.
 */
export const nvidiaSupport: Record<NvidiaGeneration, NvidiaSupport> = {
  Kepler: { open: "unsupported", firstBranch: 304, lastBranch: 470 },
  Maxwell: { open: "unsupported", firstBranch: 340, lastBranch: 580 },
  Pascal: { open: "unsupported", firstBranch: 367, lastBranch: 580 },
  Volta: { open: "unsupported", firstBranch: 384, lastBranch: 580 },
  Turing: { open: "supported", firstBranch: 410, lastBranch: null },
  Ampere: { open: "supported", firstBranch: 450, lastBranch: null },
  Hopper: { open: "supported", firstBranch: 525, lastBranch: null },
  "Ada Lovelace": { open: "supported", firstBranch: 525, lastBranch: null },
  Blackwell: { open: "required", firstBranch: 570, lastBranch: null },
};

type ChipRange = readonly [first: number, last: number, chip: string, generation: NvidiaGeneration];

// PCI device ids of class 0x03 by chip, ascending. NVIDIA gives each chip its own block of ids.
const nvidiaChips: readonly ChipRange[] = [
  [0x0fc0, 0x0fff, "GK107", "Kepler"],
  [0x1000, 0x103f, "GK110", "Kepler"],
  [0x1180, 0x11bf, "GK104", "Kepler"],
  [0x11c0, 0x11ff, "GK106", "Kepler"],
  [0x1280, 0x12ba, "GK208", "Kepler"],
  [0x1340, 0x137f, "GM108", "Maxwell"],
  [0x1380, 0x13bf, "GM107", "Maxwell"],
  [0x13c0, 0x13ff, "GM204", "Maxwell"],
  [0x1400, 0x147f, "GM206", "Maxwell"],
  [0x15f0, 0x15ff, "GP100", "Pascal"],
  [0x1617, 0x167f, "GM204", "Maxwell"],
  [0x174d, 0x179c, "GM108", "Maxwell"],
  [0x17c0, 0x17ff, "GM200", "Maxwell"],
  [0x1b00, 0x1b7f, "GP102", "Pascal"],
  [0x1b80, 0x1bff, "GP104", "Pascal"],
  [0x1c00, 0x1c7f, "GP106", "Pascal"],
  [0x1c80, 0x1cff, "GP107", "Pascal"],
  [0x1d00, 0x1d7f, "GP108", "Pascal"],
  [0x1d80, 0x1dff, "GV100", "Volta"],
  [0x1e00, 0x1e7f, "TU102", "Turing"],
  [0x1e80, 0x1eff, "TU104", "Turing"],
  [0x1f00, 0x1f7f, "TU106", "Turing"],
  [0x1f80, 0x1fff, "TU117", "Turing"],
  [0x2080, 0x20ff, "GA100", "Ampere"],
  [0x2180, 0x21ff, "TU116", "Turing"],
  [0x2200, 0x227f, "GA102", "Ampere"],
  [0x2300, 0x237f, "GH100", "Hopper"],
  [0x2400, 0x247f, "GA103", "Ampere"],
  [0x2480, 0x24ff, "GA104", "Ampere"],
  [0x2500, 0x257f, "GA106", "Ampere"],
  [0x2580, 0x25ff, "GA107", "Ampere"],
  [0x2680, 0x26ff, "AD102", "Ada Lovelace"],
  [0x2700, 0x277f, "AD103", "Ada Lovelace"],
  [0x2780, 0x27ff, "AD104", "Ada Lovelace"],
  [0x2800, 0x287f, "AD106", "Ada Lovelace"],
  [0x2880, 0x28ff, "AD107", "Ada Lovelace"],
  [0x2900, 0x29ff, "GB100", "Blackwell"],
  [0x2b80, 0x2bff, "GB202", "Blackwell"],
  [0x2c00, 0x2c7f, "GB203", "Blackwell"],
  [0x2d00, 0x2d7f, "GB206", "Blackwell"],
  [0x2d80, 0x2dff, "GB207", "Blackwell"],
  [0x2e00, 0x2e7f, "GB10", "Blackwell"],
  [0x2f00, 0x2f7f, "GB205", "Blackwell"],
  [0x3180, 0x31ff, "GB110", "Blackwell"],
];

/** Chip and generation of an NVIDIA display device id (hex without 0x); null where no range holds it. */
export function nvidiaChip(deviceId: string): { chip: string; generation: NvidiaGeneration } | null {
  const id = Number.parseInt(deviceId, 16);
  for (const [first, last, chip, generation] of nvidiaChips) {
    if (id >= first && id <= last) return { chip, generation };
  }
  return null;
}

/** R390 was the last branch for Fermi; those before it ended even earlier. */
const beforeKepler: NvidiaSupport = { open: "unsupported", firstBranch: 0, lastBranch: 390 };

/** True for cards older than Kepler: Maxwell's ids begin at 0x1340, and below only Kepler's have ranges here. */
export const isBeforeKepler = (gpu: { deviceId: string; generation: string | null }): boolean =>
  gpu.generation === null && Number.parseInt(gpu.deviceId, 16) < 0x1340;

/**
 * Support of an NVIDIA card, also for ids that no range holds: every GPU of 0x1E00 and above is Turing or newer, and
 * no older one is (the 289 ids of open-gpu-kernel-modules 595 start at 0x1E02).
 */
export function nvidiaSupportOf(gpu: {
  deviceId: string;
  generation: string | null;
  chip: string | null;
}): NvidiaSupport {
  // GB10 and Blackwell Ultra came with R580.
  if (gpu.chip === "GB10" || gpu.chip === "GB110") return { ...nvidiaSupport.Blackwell, firstBranch: 580 };
  const known = nvidiaGenerations.find((generation) => generation === gpu.generation);
  if (known) return nvidiaSupport[known];
  if (isBeforeKepler(gpu)) return beforeKepler;
  return Number.parseInt(gpu.deviceId, 16) >= 0x1e00 ? nvidiaSupport.Turing : nvidiaSupport.Maxwell;
}
