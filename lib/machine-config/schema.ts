import { z } from "zod";

/** Version contracts whose generated shape differs; `1.11` stands for 1.8 to 1.11, `1.14` for later ones too (cfg/contract.go). */
export const versionContracts = ["1.11", "1.12", "1.13", "1.14"] as const;
export const versionContract = z.enum(versionContracts);
export type VersionContract = z.infer<typeof versionContract>;
/** Whose field types count where nobody says which release a config is for. */
export const newestContract: VersionContract = "1.14";

export const machineRole = z.enum(["controlplane", "worker"]);
export type MachineRole = z.infer<typeof machineRole>;

const hostText = z.string().trim().min(1).max(253);
const subnet = z.union([z.cidrv4(), z.cidrv6()]);
const address = z.union([z.ipv4(), z.ipv6()]);

export const clusterEndpoint = z
  .url({ protocol: /^https$/, error: "Give the address as https://host:port." })
  .refine((text) => /^https:\/\/(?:\[[^\]]+\]|[^/:@]+):\d+\/?$/.test(text), {
    error: "Give the address as https://host:port.",
  });

export const clusterNetworkPlugin = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("flannel") }),
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("custom"), url: z.url({ protocol: /^https?$/ }) }),
]);

export const clusterInput = z
  .object({
    name: z.string().trim().min(1).max(253),
    endpoint: clusterEndpoint,
    kubernetesVersion: z
      .string()
      .regex(/^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, { error: "Give a version such as 1.36.3." }),
    dnsDomain: hostText.default("cluster.local"),
    podSubnets: z.array(subnet).min(1).default(["10.244.0.0/16"]),
    serviceSubnets: z.array(subnet).min(1).default(["10.96.0.0/12"]),
    cni: clusterNetworkPlugin.default({ kind: "flannel" }),
    discovery: z.boolean().default(true),
    kubespan: z.boolean().default(false),
    allowSchedulingOnControlPlanes: z.boolean().default(false),
  })
  .refine(({ kubespan, discovery }) => !kubespan || discovery, {
    path: ["kubespan"],
    error: "KubeSpan finds its peers through discovery, which is off.",
  });
export type ClusterInput = z.input<typeof clusterInput>;
export type ClusterOptions = z.output<typeof clusterInput>;

/** Which disk Talos installs to. Texts may hold `*` and `?`; all that is given has to match. */
export const diskSelector = z
  .object({
    /** `>= 100GB`, `500GiB`. */
    size: z
      .string()
      .regex(/^(?:<=|>=|<|>|==)?\s*\d+(?:\.\d+)?\s*(?:[kMGTP]i?B|B)?$/, { error: "Give a size such as >= 100GB." }),
    model: hostText,
    serial: hostText,
    modalias: hostText,
    uuid: hostText,
    wwid: hostText,
    type: z.enum(["ssd", "hdd", "nvme", "sd"]),
    busPath: hostText,
  })
  .partial()
  .refine((selector) => Object.values(selector).some((value) => value !== undefined), {
    error: "Select the disk by at least one property.",
  });
export type DiskSelector = z.infer<typeof diskSelector>;

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

export const nodeInput = z
  .object({
    hostname: z
      .string()
      .trim()
      .max(253)
      .refine((name) => name.split(".").every((label) => dnsLabel.test(label)), {
        error: "Use letters, digits and hyphens.",
      }),
    installDisk: z.string().regex(/^\/dev\/\S+$/, { error: "Give a path such as /dev/sda." }),
    diskSelector,
    installImage: z.string().trim().min(1).max(512),
    certSans: z.array(hostText).max(64),
    /** Registry host to the mirrors that stand in for it, in order. */
    registryMirrors: z.record(hostText, z.array(z.url({ protocol: /^https?$/ })).min(1)),
    nodeLabels: z.record(z.string().min(1).max(317), z.string().max(63)),
    /** Key to `value:Effect` or `Effect`. */
    nodeTaints: z.record(z.string().min(1).max(317), z.string().min(1).max(128)),
    nameservers: z.array(address).max(8),
    sysctls: z.record(z.string().min(1).max(256), z.string().max(1024)),
  })
  .partial()
  .refine((node) => !(node.installDisk && node.diskSelector), {
    path: ["diskSelector"],
    error: "Give the disk by its path or by its properties, not both.",
  });
export type NodeOptions = z.infer<typeof nodeInput>;

/** What a config is made of besides the secrets. */
export const generateInput = z.object({
  cluster: clusterInput,
  role: machineRole,
  contract: versionContract,
  node: nodeInput.default({}),
});

/**
 * The contract of the Talos release that a node boots with. Keep it when the node is upgraded: older shapes stay valid on newer
 * releases, and newer documents are refused by older ones.
 */
export function contractOfTalosVersion(version: string): VersionContract {
  const match = /^v?1\.(\d+)(?:\D|$)/.exec(version);
  const minor = match ? Number(match[1]) : Number.MAX_SAFE_INTEGER;
  if (minor <= 11) return "1.11";
  if (minor >= 14) return "1.14";
  return minor === 12 ? "1.12" : "1.13";
}

/** Is the contract at least the other one? */
export const contractAtLeast = (contract: VersionContract, minimum: VersionContract): boolean =>
  versionContracts.indexOf(contract) >= versionContracts.indexOf(minimum);
