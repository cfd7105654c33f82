import "server-only";
import { AppError } from "@/lib/core/errors";
import { withNodeClient } from "@/lib/inventory/access";
import { readNodeConfigs } from "@/lib/inventory/drift/read-config";
import { createGate } from "@/lib/inventory/gate";
import type { NodeState } from "@/lib/inventory/node-state";
import type { NodeView } from "@/lib/inventory/schema";
import { offThread } from "@/lib/core/off-thread/pool";
import type { PlanNodeFacts } from "../plan-facts";
import { aheadTask } from "../tasks";
import { Kept, unlessAborted } from "./kept";

type Issues = PlanNodeFacts["configIssues"];

const kept = new Kept<Issues>({ keepMs: (issues) => (issues === null ? 5_000 : 60_000), most: 5_000 });
const gate = createGate(32);
const deadlineMs = 10_000;

async function ask(view: NodeView, running: string, hops: readonly string[]): Promise<Issues> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const { active, staged } = await withNodeClient(view.id, "admin", (client) => readNodeConfigs(client, { signal }), {
      signal,
    });
    // The restart takes what is staged.
    const given = { config: staged?.text ?? active, running, platform: view.platform, hops };
    return await offThread(aheadTask, given, { signal, holder: `node ${view.id}` });
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/**
 * Whether a node's config fits the releases before it. Asked only where the node changes its release and its config can be read with what
 * we hold (Talos role os:admin, for this one step); null where it could not.
 * @throws the signal's reason.
 */
export async function askConfigFit(
  view: NodeView,
  state: NodeState,
  hops: readonly string[],
  signal: AbortSignal,
  fresh: boolean,
): Promise<Issues> {
  const { talosVersion: running } = view;
  if (running === null || view.config.state === "unknown" || view.reachability.state !== "reachable") return null;
  const ahead = hops.filter((hop) => hop !== running);
  if (ahead.length === 0) return new Map();
  const key = JSON.stringify([view.id, view.bootId, state.facts.config?.hash ?? null, running, ahead]);
  if (fresh) kept.forget(key);
  const get = () =>
    unlessAborted(
      kept.get(key, () => ask(view, running, ahead)),
      signal,
    );
  if (kept.has(key)) return get();
  const release = await gate(signal);
  try {
    return await get();
  } finally {
    release();
  }
}
