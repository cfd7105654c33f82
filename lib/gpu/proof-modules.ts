import { gpuDriverOf, gpuDrivers, moduleName } from "./drivers";
import { expectedModules } from "./profile-parts";
import type { GpuEvidence } from "./proof-evidence";
import type { LinkFinding, LinkInput, Remedy } from "./proof-links";

const and = new Intl.ListFormat("en", { type: "conjunction" });

/** Where the kernel itself says why: what a config asks for and the kernel refuses is mended neither there nor by another image. */
export const kernelLog = (sentence: string): Remedy => ({ sentence, action: { kind: "kernel-log" } });

/** The services of a driver that have not come up, each with its own word: `ext-nvidia-persistenced: Waiting for file …`. */
export function waitingFor(services: readonly string[], { waiting }: Pick<GpuEvidence, "waiting">): string {
  const held = waiting.filter(({ id }) => services.includes(id));
  return held.map(({ id, state, message }) => ` ${id} is not up: ${message || state}.`.replace(/\.\.$/, ".")).join("");
}

/** The modules that a profile's driver needs, held against what is live and what the machine config asks for. */
export function modules({ evidence, profile, minor, gpu }: LinkInput): LinkFinding {
  const wanted = expectedModules(profile, minor);
  if (wanted.length === 0) return { state: "not-applicable", evidence: "the profile names no driver" };
  if (!evidence.modules) return { state: "unknown", evidence: "the node's kernel modules could not be read" };
  const live = new Set(evidence.modules.map(moduleName));
  const missing = wanted.filter((name) => !live.has(moduleName(name)));
  if (missing.length === 0) return { state: "proven", evidence: wanted.join(", ") };
  const broken = { state: "broken", evidence: missing.map((name) => `${name}: not loaded`).join(", ") } as const;
  const driver = gpuDriverOf(profile.driver.kind);
  const held = driver === null ? "" : waitingFor(gpuDrivers[driver].services, evidence);
  const names = and.format(missing);
  if (profile.kernelModules.length === 0) {
    return {
      ...broken,
      why: `The kernel has not loaded ${names}, which drives ${gpu.model}.${held}`,
      remedy: kernelLog("Look in the kernel log for what became of the module."),
    };
  }
  const { configModules } = evidence;
  if (configModules === null) {
    return {
      ...broken,
      why: `The kernel has not loaded ${names}. Whether the machine config asks for ${missing.length === 1 ? "it" : "them"} could not be read.${held}`,
      remedy: kernelLog("Look in the kernel log for the module, and in the machine config for its kernel modules."),
    };
  }
  const asked = new Set(configModules.map(moduleName));
  const unasked = missing.filter((name) => !asked.has(moduleName(name)));
  if (unasked.length > 0) {
    return {
      ...broken,
      why: `The machine config does not load ${and.format(unasked)}, and NVIDIA's extension keeps the kernel from loading it by itself.${held}`,
      remedy: {
        sentence: "Apply the machine config with the profile's kernel modules.",
        action: { kind: "apply-config" },
      },
    };
  }
  return {
    ...broken,
    why: `The machine config asks for ${names}, and the kernel has not loaded ${missing.length === 1 ? "it" : "them"}.${held}`,
    remedy: kernelLog(
      "Look in the kernel log for why the module was not loaded: the machine config asks for it already.",
    ),
  };
}
