import { beforeAll, describe, expect, test } from "vitest";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import { encodeMachineConfig } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";
import type { VersionContract } from "@/lib/machine-config/schema";
import { generateSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { validateConfigText, type ValidateOptions } from "@/lib/machine-config/validate";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";

/* Real mistakes of public repositories: each was patched into a config, and passed every check here. */

const configs = new Map<VersionContract, string>();
beforeAll(async () => {
  for (const contract of ["1.12", "1.13", "1.14"] as const) {
    const bundle = await generateSecretsBundle({ contract, nowMs: Date.now(), serviceAccountKey: "ecdsa-p256" });
    const cluster = { name: "c", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.35.3" };
    const node = { installDisk: "/dev/sda" };
    configs.set(
      contract,
      encodeMachineConfig(generateMachineConfig({ bundle, cluster, role: "controlplane", contract, node })),
    );
  }
});

function patched(patch: string, options: ValidateOptions): ConfigIssue[] {
  const config = configs.get(options.contract) ?? "";
  return validateConfigText(applyPatches(config, [patch], { contract: options.contract }), options);
}

const errors = (issues: readonly ConfigIssue[]) => issues.filter(({ severity }) => severity === "error");

describe("HostnameConfig with auto: off", () => {
  const patch = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\n";
  test.each<[ValidateOptions, "valid" | "refused"]>([
    [{ contract: "1.12" }, "refused"],
    [{ contract: "1.13", release: "1.13.0" }, "refused"],
    [{ contract: "1.13", release: "v1.13.2" }, "refused"],
    [{ contract: "1.13", release: "1.13.3" }, "valid"],
    [{ contract: "1.13" }, "valid"],
    [{ contract: "1.14" }, "valid"],
    [{ contract: "1.14", release: "1.14.1" }, "valid"],
    // A config that was made for an older release, on a node that was upgraded since.
    [{ contract: "1.12", release: "1.14.1" }, "valid"],
  ])("%o is %s", (options, expected) => {
    const found = errors(patched(patch, options));
    expect(found.map(({ path }) => path)).toEqual(expected === "valid" ? [] : ["HostnameConfig.auto"]);
  });

  test("where a patch release decides and is not known, that is said", () => {
    const [warning] = patched(patch, { contract: "1.13" });
    expect(warning).toMatchObject({ severity: "warning", path: "HostnameConfig.auto" });
    expect(warning?.message).toContain("1.13.2");
  });
});

type Expected = [path: string, message: RegExp][];

test.each<[string, string, Expected]>([
  [
    "unknown keys under cluster",
    'cluster:\n  kernel:\n    modules:\n      - name: br_netfilter\n  sysctls:\n    fs.inotify.max_user_watches: "1048576"\n',
    [
      ["cluster.kernel", /knows no such field.*belongs under machine/],
      ["cluster.sysctls", /knows no such field.*belongs under machine/],
    ],
  ],
  [
    "install at the top",
    'machine:\n  sysctls:\n    vm.nr_hugepages: "1024"\ninstall:\n  disk: /dev/sda\n',
    [["install", /belongs under machine/]],
  ],
  [
    "variables that were not filled in",
    "machine:\n  kubelet:\n    nodeIP:\n      validSubnets:\n        - ${NODE_SUBNET}\n  network:\n    interfaces:\n      - interface: eth0\n        dhcp: true\n        vip:\n          ip: ${CLUSTER_VIP}\n",
    [
      ["machine.kubelet.nodeIP.validSubnets.0", /variable was not filled in.*\$\{NODE_SUBNET\}/i],
      ["machine.network.interfaces.0.vip.ip", /variable was not filled in.*\$\{CLUSTER_VIP\}/i],
    ],
  ],
  [
    "a dash without a space",
    "machine:\n  kubelet:\n    nodeIP:\n      validSubnets:\n        -10.0.0.0/24\n",
    [["machine.kubelet.nodeIP.validSubnets", /list is wanted, this is a text \(a dash without a space\?\)/i]],
  ],
  [
    "the default route in a new document",
    "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\naddresses:\n  - address: 10.0.0.5/24\nroutes:\n  - destination: 0.0.0.0/0\n    gateway: 10.0.0.1\n",
    [["LinkConfig/eth0.routes.0.destination", /default route is written without a destination/]],
  ],
  [
    "a volume without a size, and a field that no disk has",
    'apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: models\nprovisioning:\n  diskSelector:\n    match: disk.name == "nvme0n1"\n',
    [
      [
        "UserVolumeConfig/models.provisioning.diskSelector.match",
        /no field disk\.name \(dev_path, model, serial, size, transport, …\)/,
      ],
      ["UserVolumeConfig/models.provisioning.minSize", /minSize or maxSize/],
    ],
  ],
  [
    "an endpoint without https://",
    "cluster:\n  controlPlane:\n    endpoint: 10.0.0.10:6443\n",
    [["cluster.controlPlane.endpoint", /https:\/\/ is missing/]],
  ],
])("%s", (_, patch, expected) => {
  const found = errors(patched(patch, { contract: "1.14" }));
  for (const [path, message] of expected) expect(found.find((issue) => issue.path === path)?.message).toMatch(message);
});

// What a node of Talos 1.14.1 was asked to take, and what it answered.
test.each<[string, string, string | null]>([
  ["a label", "apiVersion: v1alpha1\nkind: KubeNodeConfig\nlabels: {example.org/a: '1'}\n", null],
  ["a sysctl", "machine: {sysctls: {net.ipv4.ip_forward: '0'}}\n", null],
  [
    "a prefix that is too long",
    "apiVersion: v1alpha1\nkind: KubeNetworkConfig\npodSubnets: [10.244.0.0/99]\n",
    "KubeNetworkConfig.podSubnets.0",
  ],
  ["a kind of no release", "apiVersion: v1alpha1\nkind: NopeConfig\n", "NopeConfig"],
  [
    "a label that Kubernetes refuses",
    "apiVersion: v1alpha1\nkind: KubeNodeConfig\nlabels: {'bad label!': x y}\n",
    "KubeNodeConfig.labels.bad label!",
  ],
  ["a hostname twice", "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\n", "HostnameConfig.auto"],
  [
    "an expression that ends too early",
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\nprovisioning: {diskSelector: {match: 'disk.size >'}}\n",
    "UserVolumeConfig/data.provisioning.diskSelector.match",
  ],
  [
    "an address without its length",
    "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\naddresses: [{address: 10.0.0.1}]\n",
    "LinkConfig/eth0.addresses.0.address",
  ],
])("a real node: %s", (_, patch, path) => {
  const found = errors(patched(patch, { contract: "1.14", release: "1.14.1" })).map((issue) => issue.path);
  if (path === null) expect(found).toEqual([]);
  else expect(found).toContain(path);
});

test.each<[string, string, string, RegExp]>([
  [
    "logging",
    "machine: {logging: {destinations: [{endpoint: '10.0.0.1:5140', format: json_lines}]}}\n",
    "machine.logging.destinations.0.endpoint",
    /tcp:\/\/ or udp:\/\/ is missing/,
  ],
  [
    "routes",
    "machine: {network: {interfaces: [{interface: eth0, routes: [{network: 10.0.0.0, gateway: 10.0.0.1}]}]}}\n",
    "machine.network.interfaces.0.routes.0.network",
    /network is wanted/,
  ],
  [
    "a list of interfaces",
    "machine: {network: {interfaces: {-interface: eth0}}}\n",
    "machine.network.interfaces",
    /dash without a space/,
  ],
  [
    "IPv6",
    "apiVersion: v1alpha1\nkind: BondConfig\nname: bond0\nlinks: [a]\nbondMode: 802.3ad\nroutes: [{destination: '::/0', gateway: 'fe80::1'}]\n",
    "BondConfig/bond0.routes.0.destination",
    /without a destination/,
  ],
])("relatives of those mistakes: %s", (_, patch, path, message) => {
  const found = errors(patched(patch, { contract: "1.14" }));
  expect(found.find((issue) => issue.path === path)?.message).toMatch(message);
});
