import { gpuDrivers, type GpuDriver } from "@/lib/gpu/drivers";
import { gpuFromIds } from "@/lib/gpu/detect";
import { expectedModules } from "@/lib/gpu/profile-parts";
import { builtInProfile } from "@/lib/gpu/profiles";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { parseTalosRelease } from "@/lib/gpu/talos-release";
import type { NodeHardwareReading } from "./ports";

/** Links of the proof chain that a boot may come without. */
export const breakableLinks = ["pci", "extensions", "modules", "driver", "device-nodes", "allocatable"] as const;
export type BreakableLink = (typeof breakableLinks)[number];
/** One link of one driver's first card, and nothing else: what comes of it is left as it was. */
export type BrokenLink = { link: BreakableLink; driver: GpuDriver };

export type FakeCard = { ids: string; profileId: string };
export const fakeCards = {
  open: { ids: "10de:2684", profileId: "nvidia-open-lts" },
  proprietary: { ids: "10de:1e07", profileId: "nvidia-proprietary-lts" },
  amd: { ids: "1002:744c", profileId: "amd" },
  i915: { ids: "8086:56a0", profileId: "intel-i915" },
  xe: { ids: "8086:e20b", profileId: "intel-xe" },
} as const satisfies Record<string, FakeCard>;

const resources: Record<GpuDriver, string> = {
  nvidia: "nvidia.com/gpu",
  amdgpu: "amd.com/gpu",
  i915: "gpu.intel.com/i915",
  xe: "gpu.intel.com/xe",
};

const profileOf = ({ profileId }: FakeCard): GpuProfile => {
  const profile = builtInProfile(profileId);
  if (!profile) throw new Error(`No profile ${profileId}`);
  return profile;
};
const driverOf = (card: FakeCard): GpuDriver => {
  const { kind } = profileOf(card).driver;
  if (kind === "none") throw new Error(`${card.profileId} has no driver`);
  return kind;
};

const placed = (cards: readonly FakeCard[]) =>
  cards.map((card, index) => {
    const gpu = gpuFromIds(card.ids, index);
    if (!gpu) throw new Error(`${card.ids} is no GPU`);
    return { card, gpu, index, driver: driverOf(card) };
  });

/** `siderolabs/…` of the image that drives the cards. */
export const extensionsFor = (cards: readonly FakeCard[]): string[] => [
  ...new Set(
    cards.flatMap((card) =>
      profileOf(card)
        .extensions.filter(({ when }) => when !== "nvswitch")
        .map(({ name }) => name),
    ),
  ),
];

export const profilesFor = (cards: readonly FakeCard[]): GpuProfile[] => [...new Set(cards.map(profileOf))];

/** What Kubernetes offers of the cards. */
export function allocatableOf(cards: readonly FakeCard[], broken: readonly BrokenLink[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const card of cards) {
    const driver = driverOf(card);
    const lost = broken.some((fault) => fault.link === "allocatable" && fault.driver === driver);
    counts[resources[driver]] = lost ? 0 : (counts[resources[driver]] ?? 0) + 1;
  }
  return counts;
}

/** A node's cards as a run reads them. */
export function fakeHardware(
  { version, schematicId, cards }: { version: string; schematicId: string; cards: readonly FakeCard[] },
  broken: readonly BrokenLink[],
): NodeHardwareReading {
  const minor = parseTalosRelease(version)?.minor ?? 14;
  const is = (link: BreakableLink, driver: GpuDriver) => broken.some((f) => f.link === link && f.driver === driver);
  const firstOf = (driver: GpuDriver) => placed(cards).find((card) => card.driver === driver)?.index;
  const here = placed(cards).filter(({ driver, index }) => !(is("pci", driver) && firstOf(driver) === index));
  const loaded = extensionsFor(cards).map((name) => name.slice(name.indexOf("/") + 1));
  const live = here.flatMap(({ card, driver }) =>
    is("modules", driver) ? [] : expectedModules(profileOf(card), minor),
  );
  const bound = here.filter(({ driver, index }) => !(is("driver", driver) && firstOf(driver) === index));
  const render = (index: number) => `renderD${128 + index}`;
  const drm = here.filter(({ driver }) => driver !== "nvidia");
  const nvidia = here.filter(({ driver }) => driver === "nvidia" && !is("device-nodes", driver));
  const withNodes = drm.filter(({ driver, index }) => !(is("device-nodes", driver) && firstOf(driver) === index));
  return {
    talosVersion: version,
    arch: "amd64",
    gpus: here.map(({ gpu }) => gpu),
    nvSwitch: false,
    runningSchematic: { id: schematicId, extensions: extensionsFor(cards) },
    extensions: loaded
      .filter(
        (name) =>
          !Object.entries(gpuDrivers).some(
            ([driver, facts]) => facts.extension.test(name) && is("extensions", driver as GpuDriver),
          ),
      )
      .map((name) => ({ name, version: `580.1-${version}` })),
    modules: [...new Set(live)],
    configModules: here.some(({ driver }) => driver === "nvidia")
      ? ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"]
      : [],
    waiting: [],
    boundDrivers: Object.fromEntries(bound.map(({ gpu, driver }) => [gpu.pciAddress, driver])),
    deviceFiles: [
      ...nvidia.map((_card, index) => `nvidia${index}`),
      ...(nvidia.length > 0 ? ["nvidiactl", "nvidia-uvm"] : []),
      ...(here.some(({ driver }) => driver === "amdgpu") ? ["kfd"] : []),
      ...withNodes.map(({ index }) => `dri/${render(index)}`),
    ],
    drmNodes: Object.fromEntries(
      drm.map((card) => [
        card.gpu.pciAddress,
        withNodes.includes(card) ? [`card${card.index}`, render(card.index)] : [],
      ]),
    ),
    cdiFiles: minor >= 13 && here.some(({ driver }) => driver === "nvidia") ? ["nvidia.yaml"] : [],
    kernelLog: broken.map(({ driver, link }) => `${driver} 0000:01:00.0: error: its link ${link} failed`),
  };
}
