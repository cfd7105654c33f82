import type { z } from "zod";
import type { GpuEvidence, KernelVerdict } from "./proof-evidence";
import { bareExtension, gpuDriverOf, gpuDrivers, moduleName } from "./drivers";
import { currentExtensionName } from "./extension-catalogue";
import { extensionsForNode } from "./profile-parts";
import { allocatable } from "./proof-allocatable";
import { kernelLog, modules, waitingFor } from "./proof-modules";
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
    evidence: `${short} lacks ${missing.map(bareExtension).join(", ")}`,
    why: `The running image was built without ${missing.map(bareExtension).join(" and ")}, which ${input.profile.name} needs.`,
    remedy: upgrade("Upgrade the node to the image of its assigned schematic: one install and a reboot."),
  };
}

/** `580.178.04-v1.14.0` → `580.178.04`: kernel modules and toolkit must come from the same driver. */
const driverOf = (version: string): string => /^\d+(?:\.\d+)+/.exec(version)?.[0] ?? version;

function extensions(input: LinkInput): LinkFinding {
  const statuses = input.evidence.extensions;
  if (!statuses) return unknown("the node's extensions could not be read");
  const names = needed(input).map(bareExtension);
  const found = names.flatMap((name) => statuses.find((status) => status.name === name) ?? []);
  const missing = names.filter((name) => !found.some((status) => status.name === name));
  if (missing.length > 0) {
    return {
      state: "broken",
      evidence: `not loaded: ${missing.join(", ")}`,
      why: input.evidence.runningSchematic?.extensions
        ? `The schematic names ${missing.join(" and ")}, but the node did not load it.`
        : `${input.profile.name} needs ${missing.join(" and ")}, and the node did not load it.`,
      remedy: input.evidence.runningSchematic?.extensions
        ? {
            sentence: "Install the image again: the running one does not hold what its schematic says.",
            action: { kind: "repair" },
          }
        : upgrade("Upgrade the node to the image of its assigned schematic: one install and a reboot."),
    };
  }
  const driver = found.filter((status) => /^(?:nvidia-(?:open|container)|nonfree-kmod)/.test(status.name));
  if (new Set(driver.map((status) => driverOf(status.version))).size > 1) {
    const versions = driver.map((status) => `${status.name} ${status.version}`).join(", ");
    return {
      state: "broken",
      evidence: versions,
      why: "The NVIDIA kernel modules and the container toolkit come from different drivers, so the toolkit cannot talk to them.",
      remedy: upgrade("Upgrade to an image that has both from one release."),
    };
  }
  const own = gpuDriverOf(input.profile.driver.kind);
  const first = found.find((status) => own !== null && gpuDrivers[own].extension.test(status.name)) ?? found[0];
  return proven(first ? `${first.name} ${first.version}` : "none needed");
}

/** Another driver holds the card: where it comes from is only said where it was read. */
function heldBy(bound: string, wanted: string, { configModules }: LinkInput["evidence"]): LinkFinding {
  const byConfig = configModules?.some((name) => moduleName(name) === moduleName(bound)) === true;
  return {
    state: "broken",
    evidence: `bound to ${bound}`,
    why: `${bound} holds the card, so ${wanted} cannot have it.${byConfig ? ` The machine config loads ${bound}.` : ""}`,
    remedy: byConfig
      ? { sentence: `Take ${bound} out of the machine config, then reboot.`, action: { kind: "apply-config" } }
      : {
          sentence: `Look what binds the card to ${bound}: kernel modules of the machine config, or kernel arguments of the schematic.`,
          action: { kind: "none" },
        },
  };
}

function driver({ gpu, evidence, profile, verdicts }: LinkInput): LinkFinding {
  const wanted = profile.driver.kind;
  if (wanted === "none") return noDriver;
  if (!evidence.boundDrivers) return unknown("the node's driver bindings could not be read");
  const bound = evidence.boundDrivers[gpu.pciAddress];
  if (bound !== undefined && bound !== wanted) return heldBy(bound, wanted, evidence);
  if (verdicts.has("fell-off-bus")) {
    return {
      state: "broken",
      evidence: "the card has fallen off the bus",
      why: "The kernel log says that the card has fallen off the bus: power, cooling, the slot or the card itself.",
      remedy: { sentence: "Reboot the node; if it comes back, check power and seating.", action: { kind: "reboot" } },
    };
  }
  if (bound === wanted) return proven(bound);
  const broken = { state: "broken", evidence: "no driver bound" } as const;
  if (verdicts.has("firmware")) {
    return {
      ...broken,
      why: `${wanted} started on the card and failed to load its firmware.`,
      remedy: kernelLog(
        "Look in the kernel log for the file that it wants; a newer Talos release may have newer firmware.",
      ),
    };
  }
  const loaded = evidence.modules?.some((name) => moduleName(name) === moduleName(wanted)) === true;
  return {
    ...broken,
    why: loaded ? `${wanted} is loaded but does not take the card.` : `${wanted} is not bound to the card.`,
    remedy: kernelLog("Look in the kernel log for what the driver says of the card."),
  };
}

function deviceNodes({ gpu, evidence, profile, minor }: LinkInput): LinkFinding {
  const { deviceFiles, drmNodes, cdiFiles } = evidence;
  const own = gpuDriverOf(profile.driver.kind);
  if (own === null) return noDriver;
  if (!deviceFiles) return unknown("the node's device files could not be read");
  const { deviceNodes: wantedNodes, cdi, services } = gpuDrivers[own];
  const missing: string[] = [];
  const seen: string[] = [];
  const want = (present: string | undefined, name: string) => (present ? seen.push(present) : missing.push(name));
  for (const { name, pattern, of } of wantedNodes) {
    const names = (of === "card" ? drmNodes?.[gpu.pciAddress] : undefined) ?? deviceFiles;
    want(
      names.find((file) => pattern.test(file)),
      name,
    );
  }
  // Talos generates CDI specifications from 1.13 on.
  if (cdi && minor >= 13 && cdiFiles)
    want(
      cdiFiles.find((name) => cdi.pattern.test(name)),
      cdi.name,
    );
  if (missing.length === 0) return proven(seen.join(", "));
  const bound = evidence.boundDrivers?.[gpu.pciAddress] === own ? "The driver is bound, but " : "";
  const absent = `${missing.join(" and ")} is not there, so no container can be given the card.`;
  return {
    state: "broken",
    evidence: `missing: ${missing.join(", ")}`,
    why: `${bound}${absent}${waitingFor(services, evidence)}`,
    remedy:
      services.length > 0
        ? { sentence: `Look at the services ${services.join(" and ")}.`, action: { kind: "services" } }
        : kernelLog("Look in the kernel log for what the driver says of the card."),
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
