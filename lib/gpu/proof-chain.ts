import { type Chosen, carriesDriver, coveringProfile, runningProfile } from "./covering-profile";
import { driverLog } from "./driver-log";
import { gpuDriverOf } from "./drivers";
import { driverBranch } from "./driver-branches";
import { nvidiaMismatch } from "./nvidia-rules";
import type { GpuProfile } from "./profile-schema";
import { type GpuEvidence, kernelVerdicts } from "./proof-evidence";
import { type LinkFinding, nodeLinks, type Remedy } from "./proof-links";
import { type GpuDevice, type GpuProof, type ProofLink, type ProofLinkId, proofLinkIds } from "./schema";
import { suggestForGpu, suggestForNode } from "./suggest";
import { lastKnownMinor, parseTalosRelease } from "./talos-release";

export const linkTitles: Record<ProofLinkId, string> = {
  pci: "On the PCI bus",
  profile: "Profile assigned",
  schematic: "Schematic has the extensions",
  extensions: "Extensions loaded",
  modules: "Kernel modules live",
  driver: "Driver bound",
  "device-nodes": "Device nodes and CDI",
  allocatable: "Kubernetes allocatable",
};

/** A link that is broken, in a few words. */
const briefs: Record<ProofLinkId, string> = {
  pci: "card is gone from the bus",
  profile: "no profile assigned",
  schematic: "image lacks the driver",
  extensions: "extensions not loaded",
  modules: "kernel modules not live",
  driver: "no driver bound",
  "device-nodes": "no device nodes",
  allocatable: "not allocatable",
};

const driverLinks: ReadonlySet<ProofLinkId> = new Set(["modules", "driver", "device-nodes"]);

/** The profile that should be assigned instead, as one sentence and one action. */
function reassign(gpu: GpuDevice, evidence: GpuEvidence, current: GpuProfile | null): Remedy {
  const target = { talosVersion: evidence.talosVersion, arch: evidence.arch };
  const alone = suggestForGpu(gpu, target);
  // Stryker disable next-line OptionalChaining,ArrayDeclaration: it is null for a node without cards, and here is one
  const together = suggestForNode(evidence.gpus, target)?.profileIds ?? [];
  // What fits the card must also fit its siblings: one NVIDIA driver serves all of them.
  const profileId =
    alone.profileId &&
    (together.includes(alone.profileId) ? alone.profileId : together.find((id) => id.startsWith(gpu.vendor)));
  if (!profileId || profileId === current?.id) return { sentence: alone.reason, action: { kind: "none" } };
  return {
    sentence: `Assign ${profileId}: a new schematic, then one upgrade with a reboot.`,
    action: { kind: "assign-profile", profileId },
  };
}

function missingProfile(gpu: GpuDevice, evidence: GpuEvidence): LinkFinding {
  const { reason } = suggestForGpu(gpu, { talosVersion: evidence.talosVersion, arch: evidence.arch });
  return {
    state: "broken",
    evidence: "none",
    why: `No profile is assigned for this card. ${reason}`,
    remedy: reassign(gpu, evidence, null),
  };
}

/** Why the profile can never drive the card, by the catalogue or by the kernel's own word; null where it can. */
function neverDrives(gpu: GpuDevice, evidence: GpuEvidence, { driver, name }: GpuProfile): string | null {
  if (driver.kind !== "nvidia" || gpu.vendor !== "nvidia") return null;
  const branch = evidence.talosVersion === null ? null : driverBranch(evidence.talosVersion, driver.channel);
  const mismatch = nvidiaMismatch(gpu, driver, branch);
  if (mismatch) return `${mismatch.message} ${name} cannot drive it.`;
  // Some refusals name no card, and are then another one's.
  if (evidence.boundDrivers?.[gpu.pciAddress] === "nvidia") return null;
  // The log is of the driver that runs: before the upgrade that is another one than was assigned.
  const running = runningProfile(gpu, evidence)?.driver;
  const same = running?.kind === "nvidia" && running.flavour === driver.flavour && running.channel === driver.channel;
  if (running && !same) return null;
  const { verdicts } = kernelVerdicts(evidence.kernelLog, gpu);
  if (verdicts.has("needs-proprietary"))
    return "The driver says that the open kernel modules do not support this card.";
  return verdicts.has("branch-dropped") ? "The driver says that its branch does not support this card any more." : null;
}

/** A broken link of a card that its profile can never drive is explained by the profile, not by the symptom. */
function explained(
  finding: LinkFinding,
  gpu: GpuDevice,
  evidence: GpuEvidence,
  { profile, assigned }: Chosen,
): LinkFinding {
  if (finding.state !== "broken") return finding;
  const why = neverDrives(gpu, evidence, profile);
  if (why) return { ...finding, why, remedy: reassign(gpu, evidence, profile), refused: true };
  // Without an assignment there is no schematic to upgrade to and no document to apply: the profile comes first.
  const { kind } = finding.remedy.action;
  return assigned || (kind !== "upgrade" && kind !== "apply-config")
    ? finding
    : { ...finding, remedy: reassign(gpu, evidence, null) };
}

/** What to ask of a node for a profile that was only recognised and can never work: its driver, not its companions. */
function judged(gpu: GpuDevice, evidence: GpuEvidence, { profile, assigned }: Chosen): GpuProfile {
  if (assigned || !neverDrives(gpu, evidence, profile)) return profile;
  return { ...profile, extensions: profile.extensions.filter(({ name }) => carriesDriver(name)) };
}

/**
 * Proves one GPU of a node, link by link, from what was read of the node: the first broken link is the status, and comes
 * with the reason and what to do. A link that could not be read is unknown and does not stop the chain. Pure.
 */
export function proveGpu(gpu: GpuDevice, evidence: GpuEvidence): GpuProof {
  const links: ProofLink[] = [];
  let broken: Extract<LinkFinding, { state: "broken" }> | null = null;
  const add = (id: ProofLinkId, finding: LinkFinding) => {
    links.push({ id, title: linkTitles[id], state: finding.state, evidence: finding.evidence });
    if (finding.state === "broken") broken = finding;
  };

  const present = evidence.gpus.some(({ pciAddress }) => pciAddress === gpu.pciAddress);
  const ids = `${gpu.pciAddress} · ${gpu.vendorId}:${gpu.deviceId}`;
  add(
    "pci",
    present
      ? { state: "proven", evidence: ids }
      : {
          state: "broken",
          evidence: `${ids} is not on the bus`,
          why: "The card was here before, and the node does not see it any more.",
          remedy: {
            sentence: "Check that it has power and sits well, then boot the node again.",
            action: { kind: "none" },
          },
        },
  );

  const chosen = coveringProfile(gpu, evidence);
  const minor =
    (evidence.talosVersion === null ? null : parseTalosRelease(evidence.talosVersion))?.minor ?? lastKnownMinor;
  const { verdicts, lines } = kernelVerdicts(evidence.kernelLog, gpu);
  if (!broken) {
    if (!chosen) add("profile", missingProfile(gpu, evidence));
    else if (chosen.assigned) add("profile", { state: "proven", evidence: chosen.profile.name });
    else add("profile", { state: "not-applicable", evidence: `none assigned; the node runs ${chosen.profile.name}` });
  }
  const leftAlone = chosen?.profile.vendor === "none";
  if (chosen && !broken && !leftAlone) {
    const profile = judged(gpu, evidence, chosen);
    for (const [id, check] of nodeLinks) {
      add(id, explained(check({ gpu, evidence, profile, minor, verdicts }), gpu, evidence, chosen));
      if (broken) break;
    }
  }
  for (const id of proofLinkIds.slice(links.length)) {
    const rest: LinkFinding = { state: "not-applicable", evidence: "left alone on purpose" };
    links.push({
      id,
      title: linkTitles[id],
      ...(leftAlone && !broken ? rest : { state: "not-reached", evidence: "not reached" }),
    });
  }
  // Where the log gives no verdict on the card, the driver's own words may say what became of it.
  const first = links.find(({ state }) => state === "broken");
  const said =
    chosen && first && driverLinks.has(first.id)
      ? driverLog(evidence.kernelLog, gpu, gpuDriverOf(chosen.profile.driver.kind))
      : lines;
  return concluded(gpu, links, broken, { leftAlone, hasProfile: chosen !== null, lines: said });
}

function concluded(
  gpu: GpuDevice,
  links: ProofLink[],
  broken: Extract<LinkFinding, { state: "broken" }> | null,
  { leftAlone, hasProfile, lines }: { leftAlone: boolean; hasProfile: boolean; lines: string[] },
): GpuProof {
  const firstBroken = links.findIndex(({ state }) => state === "broken");
  const unread = links.filter(({ state }) => state === "unknown");
  const base = { pciAddress: gpu.pciAddress, links, evidence: lines };
  if (broken) {
    const state = hasProfile || firstBroken === 0 ? "broken" : "no-profile";
    const brief = broken.refused
      ? "driver refuses the card"
      : ((links[firstBroken] && briefs[links[firstBroken].id]) ?? null);
    return { ...base, firstBroken, state, brief, why: broken.why, remedy: broken.remedy };
  }
  const unbroken = { ...base, firstBroken: null, brief: null };
  if (leftAlone) {
    const why = "The profile none leaves this card alone on purpose.";
    return { ...unbroken, state: "no-profile", why, remedy: null };
  }
  if (unread.length > 0) {
    const why = `Not everything could be read: ${unread.map(({ evidence }) => evidence).join("; ")}.`;
    return { ...unbroken, state: "unproven", why, remedy: null };
  }
  return { ...unbroken, state: "working", why: null, remedy: null };
}
