import "server-only";
import { recordIntent, recordOutcome } from "@/lib/audit/record";
import type { Actor, Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { admitTo, type DownloadDoor } from "@/lib/operation/admit";
import type { TalosClient } from "@/lib/talos/client";
import { openNodeClient } from "./access";
import { nodeCan } from "./capabilities";
import { checkedSnapshot } from "./checked-snapshot";
import { fleet } from "./fleet";
import type { ClusterView, NodeView } from "./schema";

/** Who may download a snapshot of etcd. */
export const etcdSnapshotDownload: DownloadDoor<"operator"> = {
  name: "cluster.download-etcd-snapshot",
  role: "operator",
  sensitive: "secrets",
};

export type SnapshotRequest = { requestId: string; signal: AbortSignal };
export type SnapshotDownload = { fileName: string; body: ReadableStream<Uint8Array> };

/** The control plane that is asked: one whose etcd has no error and is no leader, if there is a choice. */
function sourceOf(cluster: ClusterView): NodeView {
  const planes = fleet()
    .views()
    .filter(({ clusterId, role }) => clusterId === cluster.id && role === "controlplane");
  const verdicts = planes.map((view) => ({ view, can: nodeCan.etcdSnapshot(view, cluster) }));
  const rank = ({ etcd }: NodeView) =>
    (etcd === null ? 4 : 0) + (etcd?.learner ? 2 : 0) + (etcd?.errors.length ? 1 : 0);
  const best = verdicts
    .filter(({ can }) => can.ok)
    .map(({ view }) => view)
    .sort((a, b) => rank(a) - rank(b))[0];
  if (best) return best;
  const told = verdicts.map(({ view, can }) => (can.ok ? "" : `${view.name}: ${can.reason}`)).join(" ");
  throw new AppError("refused", told || "No control plane of this cluster is known.");
}

/** The stream of a download: writes the outcome to the audit log however it ends, and closes the client. */
function streamed(pieces: AsyncGenerator<Uint8Array, { bytes: number; sha256: string }>, first: Uint8Array, end: End) {
  let next: Uint8Array | null = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next) {
        controller.enqueue(next);
        next = null;
        return;
      }
      try {
        const piece = await pieces.next();
        if (!piece.done) return controller.enqueue(piece.value);
        await end({ outcome: "succeeded", detail: piece.value });
        controller.close();
      } catch (error) {
        await end({ outcome: "failed", errorCode: error instanceof AppError ? error.code : "internal" });
        controller.error(error);
      }
    },
    cancel: () => end({ outcome: "failed", errorCode: "cancelled" }),
  });
}

type Ended = { outcome: "succeeded" | "failed"; errorCode?: string; detail?: Record<string, unknown> };
type End = (ended: Ended) => Promise<void>;

async function download(ctx: Ctx<Grants["operator"]>, cluster: ClusterView, signal: AbortSignal) {
  const node = sourceOf(cluster);
  const target = { kind: "cluster" as const, id: cluster.id, name: cluster.name };
  const intentId = await recordIntent(ctx, { action: etcdSnapshotDownload.name, target, detail: { node: node.name } });
  const startedMs = performance.now();
  const stop = new AbortController();
  let client: TalosClient | null = null;
  let over = false;
  const end: End = async (ended) => {
    if (over) return;
    over = true;
    stop.abort();
    client?.close();
    await recordOutcome(ctx, intentId, { ...ended, durationMs: performance.now() - startedMs }).catch(
      // What was sent is sent; the log then says "unknown" of it, which is true.
      (error: unknown) => log.unexpected("An outcome could not be written to the audit log", error, { intentId }),
    );
  };
  try {
    const until = AbortSignal.any([signal, stop.signal]);
    client = await openNodeClient(node.id, "operator", { signal: until });
    const pieces = checkedSnapshot(client.etcdSnapshot({ signal: until }));
    // Awaited here, so that a node which refuses is an answer with a sentence and not a broken file.
    const first = await pieces.next();
    if (first.done) throw new AppError("unavailable", "The node sent an empty snapshot of etcd.");
    return streamed(pieces, first.value, end);
  } catch (error) {
    await end({ outcome: "failed", errorCode: error instanceof AppError ? error.code : "internal" });
    throw error;
  }
}

/**
 * A snapshot of a cluster's etcd, streamed as the node sends it: role operator, audited with its size and SHA-256. It holds
 * every secret of Kubernetes, so a person must have proven lately who they are.
 * @throws AppError `forbidden` (recorded), `proof-needed`, `not-found`, `refused` with each control plane's reason; TalosError.
 */
export async function downloadEtcdSnapshot(
  actor: Actor,
  clusterId: string,
  { requestId, signal }: SnapshotRequest,
): Promise<SnapshotDownload> {
  const cluster = fleet().cluster(clusterId);
  const target = cluster && { kind: "cluster" as const, id: cluster.id, name: cluster.name };
  const ctx = await admitTo(etcdSnapshotDownload, actor, requestId, target);
  if (!cluster) throw new AppError("not-found", "This cluster is not (or no longer) there.");
  const body = await download(ctx, cluster, signal);
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  return { fileName: `etcd-${cluster.name.replace(/[^\w.-]+/g, "-")}-${stamp}.snapshot`, body };
}
