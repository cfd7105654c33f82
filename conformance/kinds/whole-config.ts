import type { GpuDevice } from "@/lib/gpu/schema";
import { builtInProfiles } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { generateMachineConfigText } from "@/lib/machine-config/generate";
import { applyPatches } from "@/lib/machine-config/patch";
import { profilePatch } from "@/lib/machine-config/profile-patch";
import { type NodeOptions, versionContract } from "@/lib/machine-config/schema";
import type { Random } from "../random";
import { bundleAt, bundleCount } from "./bundles";
import { clusterOf, type ConfigCase } from "./cluster-inputs";

/** A node's whole config: what a form can ask for, and the documents of its GPU profile. */
export type WholeCase = ConfigCase & { profileId: string | null };

const card = (vendor: GpuDevice["vendor"], vendorId: string, deviceId: string, model: string): GpuDevice => ({
  pciAddress: "0000:01:00.0",
  vendor,
  vendorId,
  deviceId,
  model,
  generation: null,
  chip: null,
  driver: null,
});
/** One that every profile of its vendor drives. */
const cards: Record<string, GpuDevice> = {
  nvidia: card("nvidia", "10de", "2684", "RTX 4090"),
  amd: card("amd", "1002", "744c", "Radeon RX 7900"),
  intel: card("intel", "8086", "56a0", "Arc A770"),
};

const selectors: NonNullable<NodeOptions["diskSelector"]>[] = [
  { size: ">= 100GB", type: "nvme" },
  { model: "Samsung*", serial: "S5?" },
  { type: "ssd" },
  { wwid: "eui.0025385b21404321", busPath: "/pci0000:00/*" },
  { size: "<= 2TB", modalias: "nvme:*" },
];

const word = (random: Random) => random.pick(["lab", "gpu", "edge-7", "on", "1e3", "null", "a.b"]);

/** Sensible values of everything: the config has to be one that a node takes. */
export function wholeCase(random: Random, contract: ConfigCase["contract"]): WholeCase {
  const profile = random.chance(0.7) ? random.pick(builtInProfiles) : null;
  const disk = random.chance(0.6)
    ? { installDisk: random.pick(["/dev/sda", "/dev/nvme0n1"]) }
    : { diskSelector: random.pick(selectors) };
  return {
    bundle: random.below(bundleCount),
    contract,
    role: random.pick(["controlplane", "worker"]),
    profileId: profile?.id ?? null,
    cluster: { ...clusterOf(random, word), serviceSubnets: ["10.96.0.0/12"], podSubnets: ["10.244.0.0/16"] },
    node: {
      ...disk,
      installImage: `factory.talos.dev/metal-installer/${"0ab".repeat(21)}f:v${contract}.0`,
      ...random.some(0.4, {
        hostname: () => random.pick(["gpu-01", "1e3", "on", "node.lab.example"]),
        certSans: () => ["10.0.0.9", "lab.example"],
        registryMirrors: () => ({ "docker.io": ["http://mirror.lab:5000"], "ghcr.io": ["https://10.0.0.1/v2"] }),
        nodeLabels: () => ({ "example.com/rack": random.pick(["7", "on", ""]), zone: "a" }),
        nodeTaints: () => ({ "example.com/gpu": random.pick(["true:NoSchedule", "NoExecute"]) }),
        nameservers: () => random.pick([["1.1.1.1"], ["10.0.0.1", "fd00::1"]]),
        sysctls: () => ({ "vm.nr_hugepages": "1024", "net.core.somaxconn": "65535" }),
      }),
    },
  };
}

/** The profile's documents for the release of the contract, as `intentPatches` makes them for a node; null where it asks for none. */
function patchOf({ profileId, contract }: WholeCase): string | null {
  const profile = builtInProfiles.find(({ id }) => id === profileId);
  if (!profile) return null;
  const gpu = cards[profile.vendor];
  const resolved = resolveProfiles({
    profiles: [profile],
    talosVersion: `v${contract}.0`,
    arch: "amd64",
    gpus: gpu ? [gpu] : [],
  });
  // A profile that the release does not have is refused before any config is made.
  if (!resolved.ok) return null;
  return profilePatch({ kernelModules: resolved.kernelModules, sysctls: resolved.sysctls, contract });
}

export async function wholeConfig(made: WholeCase): Promise<string> {
  versionContract.parse(made.contract);
  const generated = generateMachineConfigText({ ...made, bundle: await bundleAt(made.bundle) });
  const patch = patchOf(made);
  return patch === null ? generated : applyPatches(generated, [patch], { contract: made.contract });
}
