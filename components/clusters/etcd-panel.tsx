import Link from "next/link";
import { SimpleTable } from "@/components/nodes/simple-table";
import { Status } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import { formatBytes } from "@/lib/core/units";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";

function EtcdState({ node: { etcd, reachability } }: { node: NodeView }) {
  if (!etcd) return <Status tone="idle">Not known</Status>;
  if (reachability.state !== "reachable") return <Status tone="idle">Not known now</Status>;
  const [error] = etcd.errors;
  if (error !== undefined) {
    return (
      <Status tone="bad" reason={<span title={etcd.errors.join("\n")}>{error}</span>}>
        Has errors
      </Status>
    );
  }
  if (etcd.learner) return <Status tone="info">Learner: does not vote yet</Status>;
  return <Status tone="ok">{etcd.leader ? "Leader" : "Follower"}</Status>;
}

/** The etcd member of each control plane, as the node last told. */
export function EtcdPanel({ cluster, members }: { cluster: ClusterView; members: readonly NodeView[] }) {
  const planes = members.filter(({ role }) => role === "controlplane");
  return (
    <SimpleTable
      title="etcd"
      caption={`etcd members of ${cluster.name}`}
      none="No control plane is known."
      head={["Control plane", "State", "Member ID", "Members it sees", "Database"]}
      rows={planes.map((node) => ({
        key: node.id,
        cells: [
          <Link key="n" href={paths.node(node.id)} className="font-medium hover:underline">
            {node.name}
          </Link>,
          <EtcdState key="s" node={node} />,
          <span key="i" className="font-mono text-xs">
            {node.etcd?.memberId ?? "–"}
          </span>,
          <span key="m" className="tabular">
            {node.etcd?.members ?? "–"}
          </span>,
          <span key="d" className="whitespace-nowrap tabular">
            {node.etcd ? formatBytes(node.etcd.dbSizeBytes) : "–"}
          </span>,
        ],
      }))}
    />
  );
}
