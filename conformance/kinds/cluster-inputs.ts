import type { ClusterInput, MachineRole, NodeOptions, VersionContract } from "@/lib/machine-config/schema";
import type { Random } from "../random";
import { bundleCount } from "./bundles";
import { hostileKey, hostileText } from "./hostile";

/** What a machine config is made of; `bundle` is the place in the list of bundles. */
export type ConfigCase = {
  bundle: number;
  contract: VersionContract;
  role: MachineRole;
  cluster: ClusterInput;
  node: NodeOptions;
};

/** A text that the forms take: no blanks around it, not empty, not too long. */
const text = (random: Random, most = 253): string => hostileText(random).slice(0, most).trim() || "x";

const ipv4 = (random: Random) => `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
const ipv6 = (random: Random) => `fd${random.below(90) + 10}:${random.below(9999)}::${random.below(9999) + 1}`;
const domain = (random: Random) => random.pick(["lab.example", "base", "k8s.home.arpa", "a-b.c"]);

const endpoint = (random: Random): string => {
  const host = random.pick([domain(random), ipv4(random), `[${ipv6(random)}]`]);
  return `https://${host}:${random.pick([443, 6443, 7443])}`;
};

const subnets = (random: Random, v4: string, v6: string): string[] =>
  random.pick([[v4], [v6], [v4, v6], [v6, v4], [v4, "10.5.0.0/16"]]);

const mirrors = (random: Random): Record<string, string[]> =>
  Object.fromEntries(
    random.list(3, () => [
      random.pick(["docker.io", "ghcr.io", "*", "registry.k8s.io:443", "10.0.0.1:5000"]),
      [`http://${domain(random)}:5000`, ...random.list(1, () => `https://${ipv4(random)}/v2`)],
    ]),
  );

/** What both Ichor and `talosctl gen config` can be told of a cluster. */
export const clusterOf = (random: Random, names: (random: Random) => string = text): ClusterInput => {
  const cluster: ClusterInput = {
    name: names(random),
    endpoint: endpoint(random),
    kubernetesVersion: random.pick(["1.33.4", "1.34.0", "1.35.2", "1.35.0-rc.1"]),
    ...random.some(0.4, {
      dnsDomain: () => (names === text ? text(random) : domain(random)),
      podSubnets: () => subnets(random, "10.244.0.0/16", "fd00:10:244::/56"),
      serviceSubnets: () => subnets(random, "10.96.0.0/12", "fd00:10:96::/112"),
      cni: () =>
        random.pick([{ kind: "flannel" }, { kind: "none" }, { kind: "custom", url: "https://cni.example/a.yaml" }]),
      discovery: () => random.chance(0.5),
      kubespan: () => random.chance(0.5),
      allowSchedulingOnControlPlanes: () => random.chance(0.5),
    }),
  };
  // Refused by the form: KubeSpan needs discovery.
  return cluster.kubespan ? { ...cluster, discovery: true } : cluster;
};

/** As `clusterOf`, of a node. */
export const nodeOf = (random: Random): NodeOptions => ({
  ...(random.chance(0.6) && {
    installDisk: random.pick(["/dev/sda", "/dev/nvme0n1", "/dev/disk/by-id/wwn-0x5002538e", "/dev/vda'x\"y"]),
    installImage: random.pick([
      "factory.talos.dev/metal-installer/0ab:v1.13.0",
      "ghcr.io/siderolabs/installer:v1.12.1",
    ]),
  }),
  ...random.some(0.3, {
    certSans: () => random.list(4, () => random.pick([text(random), ipv4(random), domain(random)])),
    registryMirrors: () => mirrors(random),
    sysctls: () =>
      Object.fromEntries(
        random.list(4, () => [
          hostileKey(random).slice(0, 200).trim() || "x",
          random.pick(["1", "0", text(random, 200)]),
        ]),
      ),
  }),
});

export const configCase = (random: Random, contracts: readonly VersionContract[]): ConfigCase => ({
  bundle: random.below(bundleCount),
  contract: random.pick(contracts),
  role: random.pick(["controlplane", "worker"]),
  cluster: clusterOf(random),
  node: nodeOf(random),
});
