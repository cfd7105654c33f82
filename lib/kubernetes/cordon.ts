import type { V1Node } from "@kubernetes/client-node";
import { AppError } from "@/lib/core/errors";
import type { KubernetesClient } from "./client";
import { cordonMark, readKubernetesNode } from "./nodes";

export type Taken =
  | "cordoned"
  /** It was ours before, by this or an earlier run or operation. */
  | "taken-over"
  /** Somebody else cordoned it: it is left as it is. */
  | "foreign";
export type GivenBack = "uncordoned" | "not-cordoned" | "foreign";

const mostTries = 5;

/** Reads a node and changes its cordon, again where it has changed in between: nobody's cordon is overtaken unseen. */
async function change<T>(
  client: KubernetesClient,
  name: string,
  doing: string,
  decide: (node: V1Node) => { result: T; patch?: { unschedulable: boolean; by: string | null } },
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const node = await client.call(`read node ${name}`, ({ core }) => core.readNode({ name }), signal);
    const { result, patch } = decide(node);
    if (!patch) return result;
    const body = {
      metadata: { resourceVersion: node.metadata?.resourceVersion, annotations: { [cordonMark]: patch.by } },
      spec: { unschedulable: patch.unschedulable },
    };
    try {
      await client.call(doing, ({ core }) => core.patchNode({ name, body, fieldManager: "ichor" }), signal);
      return result;
    } catch (error) {
      if (attempt >= mostTries || !(error instanceof AppError && error.code === "conflict")) throw error;
    }
  }
}

/**
 * Cordons a node in somebody's name; a cordon of ours is taken over, one of anybody else is left as it is. `unmarked`: one without a
 * mark counts as ours, since it was made before there were any. Safe to repeat.
 * @throws AppError `unavailable`, `refused` or `not-found`
 */
export const takeCordon = (
  client: KubernetesClient,
  name: string,
  { by, unmarked = false }: { by: string; unmarked?: boolean },
  signal?: AbortSignal,
): Promise<Taken> =>
  change<Taken>(
    client,
    name,
    `cordon ${name}`,
    (node) => {
      const { unschedulable, cordonedBy } = readKubernetesNode(node);
      if (unschedulable && cordonedBy === null && !unmarked) return { result: "foreign" };
      if (cordonedBy === by) return { result: "taken-over" };
      return { result: unschedulable ? "taken-over" : "cordoned", patch: { unschedulable: true, by } };
    },
    signal,
  );

/**
 * Takes a cordon back. `by`: only one with this mark, or without any where `unmarked`; null = whoever made it. Safe to repeat.
 * @throws AppError `unavailable`, `refused` or `not-found`
 */
export const giveBackCordon = (
  client: KubernetesClient,
  name: string,
  { by, unmarked = false }: { by: string | null; unmarked?: boolean },
  signal?: AbortSignal,
): Promise<GivenBack> =>
  change<GivenBack>(
    client,
    name,
    `uncordon ${name}`,
    (node) => {
      const { unschedulable, cordonedBy } = readKubernetesNode(node);
      if (!unschedulable) return { result: "not-cordoned" };
      const ours = by === null || cordonedBy === by || (cordonedBy === null && unmarked);
      return ours ? { result: "uncordoned", patch: { unschedulable: false, by: null } } : { result: "foreign" };
    },
    signal,
  );
