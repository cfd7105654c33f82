import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { paths } from "@/lib/core/paths";
import { listWords } from "@/lib/core/units";
import type { TalosClient } from "@/lib/talos/client";
import type { RebootMode, ResetRequest } from "@/lib/talos/control";
import { withNodeClient } from "./access";
import { bootstrapVerdict } from "./bootstrap";
import { type NodeAction, nodeCan } from "./capabilities";
import type { AccessRole } from "./credentials";
import { fleet } from "./fleet";
import type { HoldingOperation } from "./guard/disturbance";
import { holdNode } from "./guard/hold-node";
import type { NodeView } from "./schema";
import { restartRefusal } from "./service-actions";

type Operator = Ctx<Grants["operator"]>;
type Admin = Ctx<Grants["admin"]>;

/**
 * The node's view, if the action is possible on it now.
 * @throws AppError `not-found`, or `refused` with the reason that the page shows too.
 */
export function requirePossible(nodeId: string, action: NodeAction): NodeView {
  const view = fleet().view(nodeId);
  if (!view) throw new AppError("not-found", "This node is not (or no longer) there.");
  const cluster = view.clusterId === null ? null : fleet().cluster(view.clusterId);
  const possible = nodeCan[action](view, cluster);
  if (!possible.ok) {
    const run = view.runId === null ? {} : { hint: `The run: ${paths.upgrade(view.runId)}` };
    throw new AppError("refused", possible.reason, run);
  }
  return view;
}

/** What the node accepted; what becomes of it, the page sees from the node. `etcd`: what the guard read, empty where it had nothing to ask. */
export type Requested = { name: string; etcd: string };

type Asked = {
  nodeId: string;
  /** The cluster's name, typed by an admin who goes on although the guard refuses. */
  confirmCluster?: string | undefined;
};
type Way = { operation: HoldingOperation; action: NodeAction; role: AccessRole };

/** Holds the node, asks the guard right before the call, and makes it. */
async function takeAway(
  ctx: Ctx,
  { nodeId, confirmCluster }: Asked,
  { operation, action, role }: Way,
  call: (client: TalosClient) => Promise<unknown>,
): Promise<Requested> {
  const { name } = requirePossible(nodeId, action);
  return holdNode(ctx, { nodeId, operation, confirmCluster }, (held) =>
    withNodeClient(nodeId, role, async (client) => {
      const etcd = await held.takeAway(client);
      await call(client);
      return { name, etcd };
    }),
  );
}

/** Reboots a node without draining it. `powercycle` skips kexec; `force` also skips the orderly stop (Talos ≥ 1.12). */
export const rebootNode = (ctx: Operator, { mode, ...asked }: Asked & { mode: RebootMode }): Promise<Requested> =>
  takeAway(ctx, asked, { operation: "node.reboot", action: "reboot", role: "operator" }, (client) =>
    client.reboot({ mode }),
  );

/** Switches a node off. `force` does not drain it first. */
export const shutdownNode = (ctx: Operator, { force, ...asked }: Asked & { force: boolean }): Promise<Requested> =>
  takeAway(ctx, asked, { operation: "node.shutdown", action: "shutdown", role: "operator" }, (client) =>
    client.shutdown({ force }),
  );

/** Boots the other slot: the system from before the last upgrade. */
export const rollbackNode = (ctx: Admin, asked: Asked): Promise<Requested> =>
  takeAway(ctx, asked, { operation: "node.rollback", action: "rollback", role: "admin" }, (client) =>
    client.rollback(),
  );

/**
 * Restarts one Talos service.
 * @throws as `requirePossible`, `not-found` for a service that the node does not have, `refused` for one that Talos does not restart.
 */
export async function restartService(
  ctx: Operator,
  { nodeId, service, confirmCluster }: Asked & { service: string },
): Promise<Requested> {
  const view = requirePossible(nodeId, "restartService");
  if (!view.services.some(({ id }) => id === service)) {
    throw new AppError("not-found", `${view.name} has no service ${service}.`);
  }
  const refusal = restartRefusal(service);
  if (refusal !== null) {
    throw new AppError("refused", refusal, { hint: "Reboot the node to start it anew." });
  }
  return holdNode(ctx, { nodeId, operation: "service.restart", confirmCluster }, (held) =>
    withNodeClient(nodeId, "operator", async (client) => {
      // The kubelet runs a control plane's static pods; a service of an extension does not concern etcd.
      const etcd = service === "kubelet" ? await held.takeAway(client) : "";
      await client.serviceRestart(service);
      return { name: view.name, etcd };
    }),
  );
}

/**
 * Wipes a node. Its name must be typed; a control plane whose loss would cost the quorum, or is the last one, is refused by the guard.
 * @throws AppError `invalid-input` where the name does not match, `refused`.
 */
export async function resetNode(
  ctx: Admin,
  { confirmName, nodeId, confirmCluster, ...request }: Asked & ResetRequest & { confirmName: string },
): Promise<Requested> {
  const view = requirePossible(nodeId, "reset");
  if (confirmName !== view.name) {
    throw new AppError("invalid-input", "The name does not match the node's.", {
      fields: { confirmName: `Type ${view.name}.` },
    });
  }
  const way: Way = { operation: "node.reset", action: "reset", role: "admin" };
  return takeAway(ctx, { nodeId, confirmCluster }, way, (client) => client.reset(request));
}

/**
 * Starts etcd on the first control plane: once per cluster.
 * @throws AppError `conflict` where it was done before, or is being done; `refused` while a control plane that may have etcd cannot be asked.
 */
export async function bootstrapNode(ctx: Admin, nodeId: string): Promise<{ name: string }> {
  const view = requirePossible(nodeId, "bootstrap");
  return holdNode(ctx, { nodeId, operation: "cluster.bootstrap" }, async (held) => {
    // Before the verdict, so that two control planes of one cluster cannot both be found the first.
    await held.lockCluster();
    refuseSecondBootstrap(view);
    await withNodeClient(nodeId, "admin", (client) => client.bootstrap());
    held.joined();
    return { name: view.name };
  });
}

function refuseSecondBootstrap({ clusterId }: NodeView): void {
  const members = fleet()
    .views()
    .filter((node) => node.clusterId === clusterId);
  const verdict = bootstrapVerdict(members);
  if (verdict.state === "done") {
    throw new AppError("conflict", `The cluster is bootstrapped already: etcd has run on ${verdict.on}.`);
  }
  if (verdict.state === "unclear") {
    throw new AppError(
      "refused",
      `${listWords(verdict.unasked)} cannot be asked and may have the cluster's etcd: a second one would split the cluster.`,
      { hint: "Bring it back, or remove it from Ichor where the machine is gone for good." },
    );
  }
}
