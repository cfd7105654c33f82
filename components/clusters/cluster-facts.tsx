import { versionText } from "@/components/nodes/node-gpus";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import { RelativeTime } from "@/components/ui/relative-time";
import { countOf } from "@/lib/core/units";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";

/** Each version that members run, with how many: `1.14.0 (5), 1.13.2 (1)`; null where none is known. */
function versions(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) {
    const version = versionText(value);
    if (version) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  const [only] = counts.keys();
  if (counts.size === 1 && only) return only;
  return [...counts].map(([version, count]) => `${version} (${count})`).join(", ");
}

/** What a cluster is; versions are what its nodes say, not what was asked for. */
export function ClusterFacts({ cluster, members }: { cluster: ClusterView; members: readonly NodeView[] }) {
  const gpus = members.reduce((sum, { gpus: cards }) => sum + cards.length, 0);
  const running = versions(members.map(({ kubernetesVersion }) => kubernetesVersion));
  const made = versionText(cluster.kubernetesVersion);
  return (
    <Panel title="Cluster" bodyClassName="">
      <KeyValues
        items={[
          { label: "Endpoint", value: cluster.endpoint || null, mono: true, copy: cluster.endpoint || null },
          {
            label: "Members",
            value: `${countOf(cluster.controlPlanes, "control plane")}, ${countOf(cluster.workers, "worker")}`,
          },
          { label: "GPUs", value: gpus },
          { label: "Talos", value: versions(members.map(({ talosVersion }) => talosVersion)), mono: true },
          { label: "Kubernetes", value: running ?? (made === null ? null : `${made}, for new machines`), mono: true },
          ...(cluster.contract === null
            ? []
            : [{ label: "Config of release", value: versionText(cluster.contract), mono: true }]),
          { label: "Cluster ID", value: cluster.talosClusterId, mono: true, copy: cluster.talosClusterId },
          { label: "Here since", value: <RelativeTime atMs={cluster.createdAtMs} /> },
        ]}
      />
    </Panel>
  );
}
