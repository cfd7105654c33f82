import { driversIn } from "./drivers";
import { currentExtensionName } from "./extension-catalogue";
import { builtInProfile, builtInProfiles } from "./profiles";
import type { GpuProfile } from "./profile-schema";
import type { GpuEvidence } from "./proof-evidence";
import type { GpuDevice } from "./schema";
import { suggestForGpu } from "./suggest";

/** Does the extension carry a driver, and is no companion of one? */
export const carriesDriver = (extension: string): boolean => driversIn([extension]).length > 0;

type Known = Pick<GpuEvidence, "talosVersion" | "arch" | "boundDrivers">;

/** Of several profiles for a card's vendor (i915 beside xe), the one whose driver has the card, else the one that is made for it. */
function fitting(gpu: GpuDevice, candidates: readonly GpuProfile[], known: Known): GpuProfile | null {
  const [first = null, ...others] = candidates;
  if (others.length === 0) return first;
  const made = builtInProfile(suggestForGpu(gpu, known).profileId ?? "")?.driver.kind;
  const withDriver = (kind: string | undefined) => candidates.find(({ driver }) => driver.kind === kind);
  return withDriver(known.boundDrivers?.[gpu.pciAddress]) ?? withDriver(made) ?? first;
}

function runningExtensions({ runningSchematic, extensions }: GpuEvidence): readonly string[] {
  return (
    runningSchematic?.extensions?.map(currentExtensionName) ?? extensions?.map(({ name }) => `siderolabs/${name}`) ?? []
  );
}

/** The built-in profile whose driver a node runs, for a node that was adopted as it is. */
export function runningProfile(gpu: GpuDevice, evidence: GpuEvidence): GpuProfile | null {
  const running = runningExtensions(evidence);
  const candidates = builtInProfiles.filter(
    (profile) =>
      profile.vendor === gpu.vendor &&
      profile.extensions.some(({ name }) => carriesDriver(name) && running.includes(name)),
  );
  return fitting(gpu, candidates, evidence);
}

export type Chosen = { profile: GpuProfile; assigned: boolean };

/** The profile that ought to drive the card, and whether it was assigned or only recognised. */
export function coveringProfile(gpu: GpuDevice, evidence: GpuEvidence): Chosen | null {
  const own = evidence.profiles.filter(({ vendor }) => vendor === gpu.vendor);
  const assigned = fitting(gpu, own, evidence) ?? evidence.profiles.find(({ vendor }) => vendor === "none");
  if (assigned) return { profile: assigned, assigned: true };
  const running = runningProfile(gpu, evidence);
  return running && { profile: running, assigned: false };
}

/** Cards of a node that count for one profile: those whose driver has them, or, where that is not known, those it covers. */
export function cardsOf(profile: GpuProfile, evidence: GpuEvidence): GpuDevice[] {
  const { boundDrivers, gpus } = evidence;
  return gpus.filter((gpu) =>
    boundDrivers && profile.driver.kind !== "none"
      ? boundDrivers[gpu.pciAddress] === profile.driver.kind
      : coveringProfile(gpu, evidence)?.profile.id === profile.id,
  );
}
