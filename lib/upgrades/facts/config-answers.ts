import "server-only";
import { AppError } from "@/lib/core/errors";
import { withNodeClient } from "@/lib/inventory/access";
import { readNodeConfigs } from "@/lib/inventory/drift/read-config";
import { createGate } from "@/lib/inventory/gate";
import type { NodeState } from "@/lib/inventory/node-state";
import type { NodeView } from "@/lib/inventory/schema";
import { contractOfTalosVersion } from "@/lib/machine-config/schema";
import { validateConfigText } from "@/lib/machine-config/validate";
import type { PlanNodeFacts } from "../plan-facts";
import { Kept, unlessAborted } from "./kept";

type Issues = PlanNodeFacts["configIssues"];

/**
 * What later releases would refuse of a config, by release, without its values. What is said of the release that runs as well is left out:
 * the node lives with it. Pure.
 */
export function issuesAhead(
  config: string,
  running: string,
  platform: string | null,
  hops: readonly string[],
): NonNullable<Issues> {
  const mode = platform === null || platform === "metal" ? "metal" : "cloud";
  const errorsOf = (release: string) =>
    validateConfigText(config, { contract: contractOfTalosVersion(release), release, mode })
      .filter(({ severity }) => severity === "error")
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const lived = new Set(errorsOf(running));
  return new Map(hops.map((hop) => [hop, errorsOf(hop).filter((issue) => !lived.has(issue))]));
}

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
    return issuesAhead(staged?.text ?? active, running, view.platform, hops);
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
