import { auditGauges, deliveryGauges, failureGauge } from "@/lib/api/audit-metrics";
import { backupGauges } from "@/lib/api/backup-metrics";
import { heldGauges } from "@/lib/api/held-metrics";
import { prometheusGauge } from "@/lib/api/prometheus";
import { answer } from "@/lib/api/route";
import { deliveredPoint, otlpFailing } from "@/lib/audit-keeping/otlp";
import { auditHead, auditStatus } from "@/lib/audit/verification";
import { failureTotals } from "@/lib/auth/anonymous-failures";
import { requireRequestRole } from "@/lib/auth/require-role";
import { getBackupHealth } from "@/lib/backup/queries";
import { env } from "@/lib/core/env";
import { driftStateOf, driftStates } from "@/lib/inventory/drift/counted";
import { listNodes } from "@/lib/inventory/queries";
import { listRuns } from "@/lib/upgrades/queries";

/** Counts in Prometheus' text format, for anyone with a token. */
export const GET = (request: Request): Promise<Response> =>
  answer("metrics", async (requestId) => {
    const ctx = await requireRequestRole(request, "viewer", "metrics.read", requestId);
    const [nodes, runs] = await Promise.all([listNodes(ctx), listRuns(ctx)]);
    const members = nodes.filter(({ clusterId }) => clusterId !== null);
    const text = [
      gauge("ichor_nodes", "Nodes by reachability.", "state", count(nodes.map((node) => node.reachability.state))),
      gauge(
        "ichor_node_stages",
        "Reachable nodes by machine stage.",
        "stage",
        count(nodes.filter((node) => node.reachability.state === "reachable").map((node) => node.stage)),
      ),
      gauge(
        "ichor_gpus",
        "GPUs by the state of their proof.",
        "state",
        count(nodes.flatMap((node) => node.proofs.map((proof) => proof.state))),
      ),
      gauge(
        "ichor_node_drift",
        "Members of clusters by where running, recorded and install image differ.",
        "state",
        counted(driftStates, members.map(driftStateOf)),
      ),
      gauge("ichor_staged_configs", "Nodes with a config change that waits for a restart.", null, [
        ["", members.filter(({ config }) => config.state === "known" && config.staged !== null).length],
      ]),
      heldGauges(nodes, Date.now()),
      backupGauges(await getBackupHealth(ctx)),
      auditGauges(await auditHead(), auditStatus()),
      failureGauge(failureTotals()),
      deliveryGauges(env().auditOtlp === null ? null : await deliveredPoint(), otlpFailing()),
      gauge("ichor_upgrade_runs", "Upgrade runs by state.", "state", count(runs.map((run) => run.state))),
      gauge("ichor_process_resident_memory_bytes", "Memory of the server process.", null, [
        ["", process.memoryUsage.rss()],
      ]),
    ].join("");
    return new Response(text, {
      headers: {
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
        "cache-control": "no-store",
        "x-request-id": requestId,
      },
    });
  });

/** How often each word occurs. The words are ours, never a node's, so they need no escaping. */
function count(words: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => left.localeCompare(right, "en"));
}

/** How often each of these words occurs, those that do not as well: an alert on `0` must find its series. */
const counted = <Word extends string>(all: readonly Word[], words: readonly Word[]): [string, number][] =>
  all.map((word) => [word, words.filter((one) => one === word).length]);

const gauge = (name: string, help: string, label: string | null, values: [string, number][]): string =>
  prometheusGauge(
    name,
    help,
    values.map(([word, value]) => ({ labels: label === null ? {} : { [label]: word }, value })),
  );
