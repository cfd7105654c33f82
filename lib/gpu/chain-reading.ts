import type { CardReading, LinkReading } from "./chain-schema";
import { carriesDriver, coveringProfile, runningProfile } from "./covering-profile";
import { gpuDriverOf, gpuDrivers, moduleName, type GpuDriver } from "./drivers";
import { builtInProfiles } from "./profiles";
import type { GpuProfile } from "./profile-schema";
import { expectedModules } from "./profile-parts";
import { type GpuEvidence, kernelVerdicts } from "./proof-evidence";
import { type LinkFinding, nodeLinks } from "./proof-links";
import type { GpuDevice, ProofLinkId } from "./schema";
import { lastKnownMinor, parseTalosRelease } from "./talos-release";

const profileOfDriver = (driver: GpuDriver | null): GpuProfile | null =>
  (driver !== null && builtInProfiles.find((profile) => profile.driver.kind === driver)) || null;

const inImage = (profile: GpuProfile, evidence: GpuEvidence): boolean =>
  profile.extensions.some(
    ({ name }) => carriesDriver(name) && evidence.runningSchematic?.extensions?.includes(name) === true,
  );

/**
 * The profile that a card is judged by: what the image holds rather than what was assigned and is still to come, and where that
 * tells nothing, what has the card. `before` is what it was judged by in an earlier reading.
 */
function judgedBy(gpu: GpuDevice, evidence: GpuEvidence, before: string | null): GpuProfile | null {
  const covering = coveringProfile(gpu, evidence);
  if (covering?.assigned && inImage(covering.profile, evidence)) return covering.profile;
  const bound = gpuDriverOf(evidence.boundDrivers?.[gpu.pciAddress]);
  return (
    runningProfile(gpu, evidence) ??
    profileOfDriver(bound) ??
    profileOfDriver(gpuDriverOf(before)) ??
    covering?.profile ??
    null
  );
}

/** What of a link held, one by one: a driver may lose a part of it and still look whole. */
function heldOf(id: ProofLinkId, gpu: GpuDevice, evidence: GpuEvidence, profile: GpuProfile | null, minor: number) {
  const driver = gpuDriverOf(profile?.driver.kind);
  const facts = driver && gpuDrivers[driver];
  if (id === "driver") return [evidence.boundDrivers?.[gpu.pciAddress]].filter((name) => name !== undefined);
  if (!facts || !profile) return [];
  if (id === "modules") {
    const asked = [...expectedModules(profile, minor), ...(evidence.configModules ?? [])].map(moduleName);
    const live = (evidence.modules ?? []).map(moduleName);
    return live.filter((name) => facts.family.test(name) && asked.includes(name)).sort();
  }
  if (id !== "device-nodes") return [];
  return facts.deviceNodes
    .flatMap(({ pattern, of }) => {
      // The number of a DRM node may be another one after each boot; NVIDIA counts its cards from 0.
      const names = (of === "card" ? evidence.drmNodes?.[gpu.pciAddress] : undefined) ?? evidence.deviceFiles ?? [];
      return names.filter((name) => pattern.test(name)).map((name) => (of === "card" ? "a render node" : name));
    })
    .sort();
}

/** A node or a custom profile may name more than anybody reads; what is stored is bounded (`chain-schema.ts`). */
const clip = (text: string): string => (text.length > 900 ? `${text.slice(0, 899)}…` : text);

const reading = (id: ProofLinkId, finding: LinkFinding, held: string[] = []): LinkReading => ({
  id,
  state: finding.state,
  evidence: clip(finding.evidence),
  held: held.slice(0, 200).map(clip),
  why: finding.state === "broken" ? clip(finding.why) : null,
  remedy: finding.state === "broken" ? { ...finding.remedy, sentence: clip(finding.remedy.sentence) } : null,
});

/** All eight links of one card, each for itself: the chain of `proveGpu` stops at the first that is broken. Pure. */
export function readCard(gpu: GpuDevice, evidence: GpuEvidence, before: CardReading | null = null): CardReading {
  const profile = judgedBy(gpu, evidence, before?.driver ?? null);
  const minor =
    (evidence.talosVersion === null ? null : parseTalosRelease(evidence.talosVersion))?.minor ?? lastKnownMinor;
  const covering = coveringProfile(gpu, evidence);
  const { verdicts } = kernelVerdicts(evidence.kernelLog, gpu);
  const bound = evidence.boundDrivers?.[gpu.pciAddress];
  const links: LinkReading[] = [
    reading("pci", { state: "proven", evidence: `${gpu.pciAddress} · ${gpu.vendorId}:${gpu.deviceId}` }),
    reading("profile", {
      state: covering?.assigned ? "proven" : "not-applicable",
      evidence: covering
        ? `${covering.assigned ? "" : "none assigned; the node runs "}${covering.profile.name}`
        : "none",
    }),
    ...nodeLinks.map(([id, check]): LinkReading => {
      if (profile !== null && profile.driver.kind !== "none") {
        const finding = check({ gpu, evidence, profile, minor, verdicts });
        return reading(id, finding, heldOf(id, gpu, evidence, profile, minor));
      }
      // Whatever holds a card that no profile is for, it is to hold it afterwards.
      if (id === "driver" && evidence.boundDrivers === null)
        return reading(id, { state: "unknown", evidence: "the node's driver bindings could not be read" });
      if (id === "driver" && bound === undefined && before?.driver)
        return reading(id, {
          state: "broken",
          evidence: "no driver bound",
          why: `${before.driver} held the card before, and does not now.`,
          remedy: { sentence: "Look in the kernel log for what became of the driver.", action: { kind: "kernel-log" } },
        });
      if (id === "driver" && bound !== undefined) return reading(id, { state: "proven", evidence: bound }, [bound]);
      return reading(id, { state: "not-applicable", evidence: "no driver is known for it" });
    }),
  ];
  const { pciAddress, vendor, model, vendorId, deviceId } = gpu;
  return {
    pciAddress,
    vendor,
    ids: `${vendorId}:${deviceId}`,
    model,
    driver: profile?.driver.kind ?? bound ?? before?.driver ?? null,
    links,
  };
}

/** The cards of a node with their links. `before` are the cards of an earlier reading. */
export const readCards = (evidence: GpuEvidence, before: readonly CardReading[] = []): CardReading[] =>
  evidence.gpus.map((gpu) =>
    readCard(gpu, evidence, before.find(({ pciAddress }) => pciAddress === gpu.pciAddress) ?? null),
  );
