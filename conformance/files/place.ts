import { parseYamlNodes } from "@/lib/core/yaml";
import type { YamlNode } from "@/lib/core/yaml-node";

/** A place that the library names: steps without indexes, since a patch is appended to what a list has. */
type Place = { label: string; steps: string[] };

const bare = (path: string): string => path.replace(/\.\d+(?=\.|$)/g, "");

/** What the sentences of v1alpha1's Validate are about (types/v1alpha1/v1alpha1_validation.go). */
const sentences: readonly (readonly [RegExp, RegExp])[] = [
  [/install instructions|install disk|diskSelector should/, /^machine\.install/],
  [/extraKernelArgs and install\.grubUseUKICmdline/, /^machine\.install\.extraKernelArgs/],
  [/hostDNS|HostDNS/, /hostDNS/],
  [/issuing CA|CA certificates are required|Talos API CA key/, /^machine\.(ca|acceptedCAs)/],
  [/Kubernetes API CA key|cluster CA key/, /^cluster\.ca/],
  [/virtual \(shared\) IP/, /\.vip$/],
  [/unknown machine type/, /^machine\.type/],
  [/networking\.os\.device\.route/, /interfaces\.\d+\.routes/],
  [
    /networking\.os\.device|interface .* (is declared|has both)|bond\.|bonded|fail_over_mac|empty device|arp|lacp/i,
    /^machine\.network\.interfaces/,
  ],
  [/private key is invalid|public key invalid|peer (endpoint|allowed IP)/, /wireguard/],
  [/kubelet nodeIP/, /^machine\.kubelet\.nodeIP/],
  [/kubelet configuration field/, /^machine\.kubelet\.extraConfig/],
  [/KubeSpan|kubespan/, /kubespan|discovery|cluster\.(id|secret)|KubeSpanConfig/],
  [/node labels/, /^machine\.nodeLabels/],
  [/node annotations/, /^machine\.nodeAnnotations/],
  [/node taints/, /^machine\.nodeTaints/],
  [/logging/, /^machine\.logging/],
  [/partition ".*"/, /^machine\.systemDiskEncryption/],
  [/partition for disk|machine\.disks/, /^machine\.disks/],
  [/system extension/, /^machine\.install\.extensions/],
  [/Talos API Access/, /kubernetesTalosAPIAccess/],
  [/sort algorithm/, /nodeAddressSortAlgorithm/],
  [/persist/, /^persist/],
  [/cluster instructions/, /^cluster$/],
  [/machine instructions/, /^machine$/],
  [/endpoint is required|controlplane endpoint|cluster name and endpoint/, /^cluster\.controlPlane\.endpoint/],
  [/serviceAccount/, /^cluster\.serviceAccount/],
  [/DNS name/, /dnsDomain/],
  [/external cloud provider/, /externalCloudProvider/],
  [/etcd encryption/, /secretboxEncryptionSecret/],
  [/etcd|key\/cert combination/, /^cluster\.etcd/],
  [/inline manifest/, /^cluster\.inlineManifests/],
  [/cluster discovery|discovery service|cluster ID|cluster secret/, /discovery|^cluster\.(id|secret)/],
  [/CNI|cni|urls/, /cni/],
  [/resource/, /resources/],
  [/authoriz/, /authorization|extraArgs/],
  [/registries/, /^machine\.registries/],
  [/hostname/, /machine\.network\.hostname|stableHostname|HostnameConfig/],
  [/admission control/, /admissionControl/],
  [/audit policy/, /auditPolicy/],
  [/time|boot timeout/, /machine\.time/],
  [/base runtime spec/, /baseRuntimeSpecOverrides/],
  [/image cache/, /imageCache/],
  [/cluster name/, /clusterName/],
];

/** The places of a text that stand on a line. */
function placesOnLine(text: string, line: number): Place[] {
  const found: Place[] = [];
  for (const tree of parseYamlNodes(text))
    walk(tree, [], (node, steps) => {
      if (node.line === line) found.push({ label: "", steps });
    });
  return found;
}

function walk(node: YamlNode, steps: string[], see: (node: YamlNode, steps: string[]) => void): void {
  see(node, steps);
  if (node.kind === "list") for (const item of node.items) walk(item, steps, see);
  else if (node.kind === "map")
    for (const { key, value } of node.members) if (key.kind === "scalar") walk(value, [...steps, key.text], see);
}

/** The paths of unknown keys, each a path into the tree that the library prints. */
function unknownPaths(tree: YamlNode, steps: string[]): string[] {
  const own = [steps.join(".")];
  if (tree.kind === "list") return [...own, ...tree.items.flatMap((item) => unknownPaths(item, steps))];
  if (tree.kind !== "map") return own;
  return [
    ...own,
    ...tree.members.flatMap(({ key, value }) => unknownPaths(value, [...steps, key.kind === "scalar" ? key.text : ""])),
  ];
}

const withoutLabel = (path: string): string => path.replace(/^[A-Z]\w+(?:\/[^.]*)?(?:\.|$)/, "");

/** Is what the library refuses among the places that Ichor names? `text` is what the library read. */
export function namesPlace(reason: string, text: string, paths: readonly string[]): boolean {
  const unknown = /unknown keys found during decoding:\n([\s\S]*)/.exec(reason);
  if (unknown) {
    const known = parseYamlNodes(unknown[1] ?? "").flatMap((tree) => unknownPaths(tree, []));
    return paths.some((path) => known.includes(bare(withoutLabel(path))));
  }
  const lines = [...reason.matchAll(/line (\d+)(?::|, column)/g)].map((match) => Number(match[1]));
  if (lines.length > 0) {
    const places = lines.flatMap((line) => placesOnLine(text, line)).map(({ steps }) => steps.join("."));
    return paths.some((path) => places.includes(bare(withoutLabel(path))) || places.includes(bare(path)));
  }
  const named = [...reason.matchAll(/(?:'|\.)((?:machine|cluster)\.[\w.]*\w)/g)].map((match) =>
    (match[1] ?? "").replace(/^machine\.(?=cluster\.)/, ""),
  );
  if (named.some((place) => paths.some((path) => path.toLowerCase().startsWith(place.toLowerCase())))) return true;
  const document =
    /^(?:error decoding document v1alpha1\/(\w+)\/|(\w+Config)(?:\/|:)|.*(?:document|configurations|documents): (\w+Config)\/)/.exec(
      reason,
    );
  const kind = document?.[1] ?? document?.[2] ?? document?.[3];
  if (kind !== undefined && kind !== "v1alpha1")
    return paths.some((path) => path.startsWith(kind) || path.startsWith("machine") || path.startsWith("cluster"));
  const rule = sentences.find(([pattern]) => pattern.test(reason));
  return rule !== undefined && paths.some((path) => rule[1].test(path));
}
