import type { z } from "zod";
import type { GpuEvidence, KernelVerdict } from "./proof-evidence";
import { currentExtensionName } from "./extension-catalogue";
import { expectedModules, extensionsForNode } from "./profile-parts";
import { allocatable } from "./proof-allocatable";
import type { GpuProfile } from "./profile-schema";
import type { GpuDevice, ProofLinkId, remedyAction } from "./schema";

export type Remedy = { sentence: string; action: z.infer<typeof remedyAction> };

/** What one link of the chain found. Only a broken one explains itself. */
export type LinkFinding =
  | { state: "proven" | "unknown" | "not-applicable"; evidence: string }
  | {
      state: "broken";
      evidence: string;
      why: string;
      remedy: Remedy;
      /** No step on the node mends it: the driver was not made for this card. */
      refused?: boolean;
    };

export type LinkInput = {
  gpu: GpuDevice;
  evidence: GpuEvidence;
  /** The profile that covers this card: assigned, or recognised from what runs. */
  profile: GpuProfile;
  minor: number;
  verdicts: ReadonlySet<KernelVerdict>;
};

const bare = (extension: string): string => extension.slice(extension.indexOf("/") + 1);
const upgrade = (sentence: string): Remedy => ({ sentence, action: { kind: "upgrade" } });
const unknown = (evidence: string): LinkFinding => ({ state: "unknown", evidence });
/** What a custom profile for another kind of device does not name cannot be asked for. */
const noDriver: LinkFinding = { state: "not-applicable", evidence: "the profile names no driver" };
const proven = (evidence: string): LinkFinding => ({ state: "proven", evidence });

const needed = ({ evidence, profile, minor }: LinkInput): string[] => extensionsForNode([profile], minor, evidence);

function schematic(input: LinkInput): LinkFinding {
  const running = input.evidence.runningSchematic;
  if (!running) return unknown("the node does not say which schematic it runs");
  const short = `${running.id.slice(0, 8)}…${running.id.slice(-4)}`;
  if (!running.extensions) return unknown(`${short}: its document is not known`);
  const built = running.extensions.map(currentExtensionName);
  const missing = needed(input).filter((name) => !built.includes(name));
  if (missing.length === 0) return proven(short);
  return {
    state: "broken",
    evidence: `${short} lacks ${missing.map(bare).join(", ")}`,
    why: `The running image was built without ${missing.map(bare).join(" and ")}, which ${input.profile.name} needs.`,
    remedy: upgrade("Upgrade the node to the image of its assigned schematic: one install and a reboot."),
  };
}

/** `580.178.04-v1.14.0` → `580.178.04`: kernel modules and toolkit must come from the same driver. */
const driverOf = (version: string): string => /^\d+(?:\.\d+)+/.exec(version)?.[0] ?? version;

function extensions(input: LinkInput): LinkFinding {
  const statuses = input.evidence.extensions;
  if (!statuses) return unknown("the node's extensions could not be read");
  const names = needed(input).map(bare);
  const found = names.map((name) => statuses.find((status) => status.name === name));
  const missing = names.filter((_, index) => !found[index]);
  if (missing.length > 0) {
    return {
      state: "broken",
      evidence: `not loaded: ${missing.join(", ")}`,
      why: `The schematic names ${missing.join(" and ")}, but the node did not load it.`,
      remedy: upgrade("Install the image again: the running one does not hold what its schematic says."),
    };
  }
  const driver = found.filter((status) => status && /^(?:nvidia-(?:open|container)|nonfree-kmod)/.test(status.name));
  if (new Set(driver.map((status) => driverOf(status?.version ?? ""))).size > 1) {
    const versions = driver.map((status) => `${status?.name} ${status?.version}`).join(", ");
    return {
      state: "broken",
      evidence: versions,
      why: "The NVIDIA kernel modules and the container toolkit come from different drivers, so the toolkit cannot talk to them.",
      remedy: upgrade("Upgrade to an image that has both from one release."),
    };
  }
  const first = found.find((status) => status && /nvidia-open|nonfree|amdgpu|i915|^xe$/.test(status.name)) ?? found[0];
  return proven(first ? `${first.name} ${first.version}` : "none needed");
}

function modules(input: LinkInput): LinkFinding {
  const { evidence, profile, minor, gpu } = input;
  if (expectedModules(profile, minor).length === 0) return noDriver;
  if (!evidence.modules) return unknown("the node's kernel modules could not be read");
  const live = new Set(evidence.modules.map((name) => name.replaceAll("-", "_")));
  const wanted = expectedModules(profile, minor);
  const missing = wanted.filter((name) => !live.has(name.replaceAll("-", "_")));
  if (missing.length === 0) return proven(wanted.join(", "));
  const text = missing.map((name) => `${name}: not loaded`).join(", ");
  if (profile.kernelModules.length > 0) {
    return {
      state: "broken",
      evidence: text,
      why: `The machine config does not load ${missing.join(", ")}, and NVIDIA's extension keeps the kernel from loading it by itself.`,
      remedy: {
        sentence: "Apply the machine config with the profile's kernel modules.",
        action: { kind: "apply-config" },
      },
    };
  }
  return {
    state: "broken",
    evidence: text,
    why: `The kernel did not load ${missing.join(", ")} for ${gpu.model}.`,
    remedy: { sentence: "Reboot the node, and look at the kernel log if it stays so.", action: { kind: "none" } },
  };
}

function driver({ gpu, evidence, profile, verdicts }: LinkInput): LinkFinding {
  const wanted = profile.driver.kind;
  if (wanted === "none") return noDriver;
  if (!evidence.boundDrivers) return unknown("the node's driver bindings could not be read");
  const bound = evidence.boundDrivers[gpu.pciAddress];
  if (bound !== undefined && bound !== wanted) {
    return {
      state: "broken",
      evidence: `bound to ${bound}`,
      why: `${bound} holds the card, so ${wanted} cannot have it.`,
      remedy: {
        sentence: `Remove what binds it to ${bound} from the machine config, then reboot.`,
        action: { kind: "apply-config" },
      },
    };
  }
  if (verdicts.has("fell-off-bus")) {
    return {
      state: "broken",
      evidence: "the card has fallen off the bus",
      why: "The driver lost the card while it ran: power, cooling, the slot or the card itself.",
      remedy: { sentence: "Reboot the node; if it comes back, check power and seating.", action: { kind: "none" } },
    };
  }
  if (bound === wanted) return proven(bound);
  const firmware = verdicts.has("firmware");
  return {
    state: "broken",
    evidence: "no driver bound",
    why: firmware
      ? `${wanted} started on the card and failed to load its firmware.`
      : `${wanted} is loaded but does not take the card.`,
    remedy: {
      sentence: "Look at the kernel log; a newer Talos release may have newer firmware.",
      action: { kind: "upgrade" },
    },
  };
}

function deviceNodes({ gpu, evidence, profile, minor }: LinkInput): LinkFinding {
  const { deviceFiles, drmNodes, cdiFiles } = evidence;
  if (profile.driver.kind === "none") return noDriver;
  if (!deviceFiles) return unknown("the node's device files could not be read");
  const missing: string[] = [];
  const seen: string[] = [];
  const want = (present: string | undefined | false, name: string) =>
    present ? seen.push(present) : missing.push(name);
  if (profile.driver.kind === "nvidia") {
    want(
      deviceFiles.find((name) => /^nvidia\d+$/.test(name)),
      "/dev/nvidia0",
    );
    want(deviceFiles.includes("nvidiactl") && "nvidiactl", "/dev/nvidiactl");
    // Talos generates CDI specifications from 1.13 on.
    if (minor >= 13 && cdiFiles)
      want(
        cdiFiles.find((name) => /^nvidia.*\.(?:ya?ml|json)$/.test(name)),
        "/run/cdi/nvidia.yaml",
      );
  } else {
    const own = drmNodes?.[gpu.pciAddress];
    const render = (own ?? deviceFiles).find((name) => /renderD\d+$/.test(name));
    want(render, "/dev/dri/renderD*");
    if (profile.driver.kind === "amdgpu") want(deviceFiles.includes("kfd") && "kfd", "/dev/kfd");
  }
  if (missing.length === 0) return proven(seen.join(", "));
  return {
    state: "broken",
    evidence: `missing: ${missing.join(", ")}`,
    why: `The driver is bound, but ${missing.join(" and ")} is not there, so no container can be given the card.`,
    remedy: {
      sentence: "Look at the services ext-nvidia-persistenced and ext-nvidia-cdi-gen, or reboot the node.",
      action: { kind: "none" },
    },
  };
}

/** The links after the profile, in order. */
export const nodeLinks: readonly (readonly [ProofLinkId, (input: LinkInput) => LinkFinding])[] = [
  ["schematic", schematic],
  ["extensions", extensions],
  ["modules", modules],
  ["driver", driver],
  ["device-nodes", deviceNodes],
  ["allocatable", allocatable],
];
