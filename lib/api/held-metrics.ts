import type { NodeView } from "@/lib/inventory/schema";
import { prometheusGauge } from "./prometheus";

type Held = Pick<NodeView, "name" | "passing" | "reachability" | "attention" | "failedVolumes">;

/**
 * Nodes that stay too long in a stage that passes by itself: for how long, what holds them, and when Talos reboots them. Nodes of
 * which nothing is wrong have no sample. Times in seconds.
 */
export function heldGauges(nodes: readonly Held[], nowMs: number): string {
  const reachable = nodes.filter(({ reachability }) => reachability.state === "reachable");
  const stuck = reachable.flatMap(({ name, passing }) =>
    passing?.late === "overdue" ? [{ node: name, passing }] : [],
  );
  const seconds = (ms: number): number => Math.round(ms / 1000);
  return [
    prometheusGauge(
      "ichor_node_stage_overdue_seconds",
      "How long a node is in a machine stage that should have passed.",
      stuck.map(({ node, passing }) => ({
        labels: { node, stage: passing.stage },
        value: seconds(nowMs - passing.sinceMs),
      })),
    ),
    prometheusGauge(
      "ichor_node_held_by",
      "What holds a node in such a stage: a service, a condition or a volume.",
      stuck.flatMap(({ node, passing }) =>
        passing.holders.map(({ kind, name, message }) => ({
          labels: { node, stage: passing.stage, kind, name, message },
          value: 1,
        })),
      ),
    ),
    prometheusGauge(
      "ichor_node_reboots_timestamp_seconds",
      "When Talos gives up such a boot and reboots the node.",
      stuck.flatMap(({ node, passing }) =>
        passing.rebootsAtMs === null ? [] : [{ labels: { node }, value: seconds(passing.rebootsAtMs) }],
      ),
    ),
    prometheusGauge(
      "ichor_node_volume_failed",
      "Volumes that Talos could not bring up.",
      reachable.flatMap(({ name: node, failedVolumes }) =>
        failedVolumes.map(({ id, error }) => ({ labels: { node, volume: id, message: error }, value: 1 })),
      ),
    ),
  ].join("");
}
