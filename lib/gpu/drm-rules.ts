import { sharedGenerations, xeGenerations } from "./intel-catalogue";
import type { ProfileDriver, Refusal } from "./profile-schema";
import type { GpuDevice, GpuVendor } from "./schema";

/** The drivers that the kernel picks for a card by itself, through its PCI id. */
export type DrmDriver = Exclude<ProfileDriver["kind"], "nvidia" | "none">;

export const drmVendor: Record<DrmDriver, GpuVendor> = { amdgpu: "amd", i915: "intel", xe: "intel" };

/** `xe.force_probe=56a5,56a0`, `*`: the last one counts, as for any parameter. */
function forced(kernelArgs: readonly string[], driver: DrmDriver, deviceId: string): "yes" | "no" | "unsaid" {
  const last = kernelArgs.findLast((arg) => arg.startsWith(`${driver}.force_probe=`));
  const ids = (last?.slice(last.indexOf("=") + 1) ?? "").toLowerCase().split(",");
  if (ids.includes(`!${deviceId}`) || ids.includes("!*")) return "no";
  return ids.includes(deviceId) || ids.includes("*") ? "yes" : "unsaid";
}

const subject = (gpu: GpuDevice): string => {
  const name = gpu.chip === null || gpu.chip === gpu.generation ? gpu.model : `${gpu.model} (${gpu.chip})`;
  return gpu.generation === null ? name : `${name} is ${gpu.generation}`;
};

const never = (gpu: GpuDevice, why: string): Refusal => ({
  rule: "driver-not-binding",
  message: `${subject(gpu)}: ${why}`,
});

function i915Mismatch(gpu: GpuDevice, kernelArgs: readonly string[]): Refusal | null {
  if (gpu.generation !== null && xeGenerations.includes(gpu.generation))
    return never(gpu, "i915 does not bind it, only xe does, so it needs intel-xe.");
  if (gpu.generation === "Ponte Vecchio")
    return never(gpu, `i915 does not bind it; xe does with the kernel argument xe.force_probe=${gpu.deviceId}.`);
  return forced(kernelArgs, "i915", gpu.deviceId) === "no"
    ? never(gpu, `the kernel argument i915.force_probe=!${gpu.deviceId} keeps i915 from it.`)
    : null;
}

function xeMismatch(gpu: GpuDevice, kernelArgs: readonly string[]): Refusal | null {
  const { generation, deviceId } = gpu;
  const wish = forced(kernelArgs, "xe", deviceId);
  if (wish === "no") return never(gpu, `the kernel argument xe.force_probe=!${deviceId} keeps xe from it.`);
  if (generation === null || xeGenerations.includes(generation)) return null;
  const shared = sharedGenerations.includes(generation);
  if (!shared && generation !== "Ponte Vecchio")
    return never(gpu, "xe knows cards from Xe-LP (2020) on only, so it needs intel-i915.");
  if (wish === "yes") return null;
  const args = shared
    ? `arguments xe.force_probe=${deviceId} and i915.force_probe=!${deviceId}; without them it needs intel-i915`
    : `argument xe.force_probe=${deviceId}`;
  return { rule: "driver-needs-argument", message: `${subject(gpu)}: xe takes it only with the kernel ${args}.` };
}

/**
 * Why a driver does not bind a card of its vendor, or null when it does, as far as is known: a card that is not in the catalogue may be
 * bound. Sources: include/drm/intel/pciids.h, i915_pci.c, xe_pci.c and amdgpu_drv.c of Linux 6.12 to 6.18; Talos builds no `force_probe` in.
 *
 * @param kernelArgs those of the image, where `force_probe` may be.
 */
export function drmMismatch(gpu: GpuDevice, driver: DrmDriver, kernelArgs: readonly string[] = []): Refusal | null {
  switch (driver) {
    case "amdgpu":
      return null;
    case "i915":
      return i915Mismatch(gpu, kernelArgs);
    case "xe":
      return xeMismatch(gpu, kernelArgs);
  }
}

const driverOf = ({ kind }: ProfileDriver): DrmDriver | null => (kind === "nvidia" || kind === "none" ? null : kind);

export type DrmVerdict = { refusals: Refusal[]; warnings: string[] };

/**
 * Judges drivers against the cards of their vendors: one that binds none of them is refused; a card that none of them binds, or that is
 * not in the catalogue, is a warning.
 */
export function judgeDrmDrivers(
  drivers: readonly ProfileDriver[],
  gpus: readonly GpuDevice[],
  kernelArgs: readonly string[],
): DrmVerdict {
  const chosen = [...new Set(drivers.flatMap((driver) => driverOf(driver) ?? []))];
  const refusals: Refusal[] = [];
  const warnings: string[] = [];
  for (const driver of chosen) {
    const cards = gpus.filter(({ vendor }) => vendor === drmVendor[driver]);
    const found = cards.map((gpu) => drmMismatch(gpu, driver, kernelArgs));
    if (cards.length > 0 && found.every((mismatch) => mismatch !== null)) refusals.push(...found);
  }
  for (const gpu of gpus) {
    const own = chosen.filter((driver) => drmVendor[driver] === gpu.vendor);
    if (own.length === 0) continue;
    const mismatches = own.map((driver) => drmMismatch(gpu, driver, kernelArgs));
    const [first] = mismatches;
    if (first && mismatches.every((mismatch) => mismatch !== null)) warnings.push(first.message);
    else if (gpu.generation === null)
      warnings.push(
        `${gpu.model} (${gpu.vendorId}:${gpu.deviceId}) is not in the catalogue: whether ${own.join(" or ")} drives it is not known.`,
      );
  }
  const unique = new Map(refusals.map((refusal) => [refusal.message, refusal]));
  return { refusals: [...unique.values()], warnings: [...new Set(warnings)] };
}
