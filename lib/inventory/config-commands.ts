import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { type Grants, roleSatisfies } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { offThread } from "@/lib/core/off-thread/pool";
import { sleep } from "@/lib/core/time";
import { sealSecret } from "@/lib/db/secrets";
import { withTransaction } from "@/lib/db/transaction";
import { contractAtLeast } from "@/lib/machine-config/schema";
import type { TalosClient } from "@/lib/talos/client";
import type { ApplyMode } from "@/lib/talos/control";
import { isReconnectable, isTalosError } from "@/lib/talos/errors";
import { withNodeClient } from "./access";
import type { ConfigPlan, ShownPlan } from "./config-plan";
import { installWarnings, pendingWarnings } from "./drift/plan-warnings";
import { configReadingOf, type NodeConfigs, readNodeConfigs } from "./drift/read-config";
import { fleet } from "./fleet";
import { type Held, holdNode } from "./guard/hold-node";
import { requirePossible } from "./node-commands";
import { refreshNodes } from "./refresh";
import { type ConfigAnswer, sendConfig } from "./send-config";
import { blindTask, hashTask, intentTask, planTask, shownTask, summaryTask } from "./tasks";

type Operator = Ctx<Grants["operator"]>;
type Admin = Ctx<Grants["admin"]>;

export type ConfigChange = {
  nodeId: string;
  patches: string[];
  /** With what the node's profile and recorded installer image ask for. */
  withIntent: boolean;
  /** A change that is staged for the next boot: the patches go on top of it, or it is dropped. */
  staged?: "keep" | "drop" | undefined;
};
export type Applied = ConfigAnswer & {
  name: string;
  /** `proven`: read back and equal. `after-reboot`: the node takes it at its next boot. `unknown`: it could not be read back. */
  proof: "proven" | "after-reboot" | "temporary" | "unknown";
};

/** The node's configs, read now, so that what is known of them is new as well. Talos role os:admin; their text is secret. */
async function readConfigs(client: TalosClient, nodeId: string): Promise<NodeConfigs> {
  const configs = await readNodeConfigs(client);
  const config = await configReadingOf(configs, Date.now());
  fleet().apply(nodeId, { kind: "facts", atMs: config.atMs, facts: { config, configUnread: null } });
  return configs;
}

async function plan(client: TalosClient, change: ConfigChange, { blind = false } = {}): Promise<ConfigPlan> {
  const { nodeId, patches, withIntent } = change;
  const state = fleet().state(nodeId);
  if (!state) throw new AppError("not-found", "This node is not (or no longer) there.");
  const { active, staged, onTrial } = await readConfigs(client, nodeId);
  const dropped = change.staged === "drop";
  const { talosVersion, platform } = state.facts;
  const base = staged && !dropped ? staged.text : active;
  const intent = withIntent
    ? await offThread(intentTask, { config: base, state: { facts: state.facts, record: state.record } })
    : [];
  if (blind) {
    const { before, after, issues, ...rest } = await offThread(blindTask, {
      configs: { active, staged: staged?.text ?? null, base, intent, patches },
      node: { talosVersion, platform },
    });
    const pending = pendingWarnings({ staged: staged !== null, dropped, onTrial });
    const warnings = [...pending, ...(await installWarnings(after, state.facts))];
    return {
      ...rest,
      before: before.active,
      after,
      issues: [...issues, ...warnings],
      staged: staged && before.staged !== null ? { ...staged, text: before.staged, dropped } : null,
    };
  }
  const planned = await offThread(planTask, { before: base, patches: [...intent, ...patches], talosVersion, platform });
  const pending = pendingWarnings({ staged: staged !== null, dropped, onTrial });
  const install = await installWarnings(planned.after, state.facts);
  return {
    ...planned,
    before: active,
    staged: staged && { ...staged, dropped },
    issues: [...planned.issues, ...pending, ...install],
  };
}

/**
 * What applying would change, without secrets. Nothing is sent to the node but a read. Patches of an operator, who may not read
 * the secrets, are tried on a config with made-up ones: nothing in the answer tells whether a guess is right.
 */
export async function previewConfig({ actor }: Operator, change: ConfigChange): Promise<ShownPlan> {
  requirePossible(change.nodeId, "previewConfig");
  const maySee = actor.kind === "system" || roleSatisfies(actor.role, "admin");
  const blind = !maySee && change.patches.length > 0;
  return withNodeClient(change.nodeId, "admin", async (client) =>
    offThread(shownTask, await plan(client, change, { blind })),
  );
}

/** Has the node itself judge the change, and do nothing. @throws AppError `invalid-input` with the node's reason. */
export async function dryRunConfig(_ctx: Admin, change: ConfigChange & { mode: ApplyMode }): Promise<ConfigAnswer> {
  requirePossible(change.nodeId, "dryRunConfig");
  return withNodeClient(change.nodeId, "admin", async (client) => {
    return sendConfig(client, await plan(client, change), { mode: change.mode, dryRun: true });
  });
}

/** Remembers a config that a node took: sealed whole, its hash, and what it changed in words. */
export async function rememberConfig(nodeId: string, config: string, summary: string): Promise<void> {
  const id = newId("config");
  const hash = await offThread(hashTask, config);
  const { sealed, dataKeyId } = sealSecret(config, { table: "NodeConfig", rowId: id, field: "sealed" });
  await withTransaction(async (tx) => {
    await tx.nodeConfig.create({ data: { id, nodeId, sealed, dataKeyId, hash, summary: summary.slice(0, 4000) } });
    await tx.node.update({ where: { id: nodeId }, data: { configHash: hash } });
  });
  await refreshNodes([nodeId]);
}

/** Whether the node has taken a config, as it says itself; a node that restarts meanwhile cannot say so yet. */
export async function prove(
  client: TalosClient,
  nodeId: string,
  mode: ApplyMode,
  hash: string,
): Promise<Applied["proof"]> {
  if (mode === "reboot") return "after-reboot";
  for (let tries = 1; ; tries += 1) {
    try {
      const { active, staged } = await readConfigs(client, nodeId);
      const told = await offThread(hashTask, mode === "staged" ? (staged?.text ?? active) : active);
      if (told !== hash) return "unknown";
      if (mode === "staged") return "after-reboot";
      return mode === "try" ? "temporary" : "proven";
    } catch (error) {
      if (!isReconnectable(error)) throw error;
      // A node that restarts its API or itself is no failure of the apply; the page goes on from what the node says.
      if (tries === 3 || isTalosError(error, "deadline")) return "unknown";
      // One lost call is not that yet.
      await sleep(1_000);
    }
  }
}

/** Nothing is sent that is not what was shown, or that Talos would not take. @throws AppError `conflict`, `refused` */
function refuseUnlike({ hash, issues }: ConfigPlan, shownHash: string): void {
  if (hash !== shownHash) {
    throw new AppError("conflict", "The config of the node has changed since the preview.", {
      hint: "Preview it again, then apply.",
    });
  }
  const errors = issues.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new AppError("refused", `Talos would not take this config: ${errors[0]?.path}: ${errors[0]?.message}`, {
      details: errors.map(({ path, message }) => `${path}: ${message}`).join("\n"),
    });
  }
}

/** Before 1.14, `auto` reboots the node where a change needs it. */
const mayReboot = (contract: ConfigPlan["contract"], mode: ApplyMode): boolean =>
  mode === "auto" && !contractAtLeast(contract, "1.14");

/**
 * The mode that a config is sent with: the node is asked first whether it would reboot, and only one that was allowed to go is sent a
 * mode in which it may.
 * @throws AppError `refused`, `conflict` where the guard of etcd does not let it go.
 */
async function settledMode(client: TalosClient, planned: ConfigPlan, mode: ApplyMode, held: Held): Promise<ApplyMode> {
  if (!mayReboot(planned.contract, mode)) return mode;
  const judged = await sendConfig(client, planned, { mode, dryRun: true });
  if (judged.mode !== "reboot") return "no-reboot";
  await held.takeAway(client);
  return mode;
}

/**
 * Applies a config that was previewed: `hash` must be the preview's, so that nothing else is applied than what was shown.
 * The result is read back from the node. One at a time for each node: others are told who is at work.
 * @throws AppError `conflict` when the running config has changed since, or somebody else has the node; `refused` for one that Talos
 * would not take, or where the reboot that it needs would cost the quorum of etcd.
 */
export async function applyConfig(
  ctx: Admin,
  change: ConfigChange & {
    mode: ApplyMode;
    hash: string;
    tryTimeoutMs?: number | undefined;
    confirmCluster?: string | undefined;
  },
): Promise<Applied> {
  const { nodeId, confirmCluster } = change;
  const { name } = requirePossible(nodeId, "applyConfig");
  return holdNode(ctx, { nodeId, operation: "node.apply-config", confirmCluster }, (held) =>
    withNodeClient(nodeId, "admin", async (client) => {
      const planned = await plan(client, change);
      refuseUnlike(planned, change.hash);
      // Before anything is sent: what fails here has changed nothing.
      const summary = await offThread(summaryTask, { before: planned.before, after: planned.after });
      const mode = await settledMode(client, planned, change.mode, held);
      const result = await sendConfig(client, planned, {
        mode,
        ...(change.tryTimeoutMs !== undefined && { tryTimeoutMs: change.tryTimeoutMs }),
      });
      if (result.mode !== "reboot") held.stays();
      if (result.mode !== "try") {
        await rememberConfig(nodeId, planned.after, summary.join(" "));
      }
      return { name, ...result, proof: await prove(client, nodeId, result.mode, planned.hash) };
    }),
  );
}

/** The whole running config, secrets included: for an administrator's own hands, never kept or logged. */
export async function downloadConfig(_ctx: Admin, nodeId: string): Promise<{ fileName: string; content: string }> {
  const { name } = requirePossible(nodeId, "previewConfig");
  const content = await withNodeClient(nodeId, "admin", async (client) => (await readNodeConfigs(client)).active);
  return { fileName: `${name}.yaml`, content };
}
