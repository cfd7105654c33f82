import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { listWords } from "@/lib/core/units";
import type { TalosClient } from "@/lib/talos/client";
import type { RebootMode, ResetRequest } from "@/lib/talos/control";
import { withNodeClient } from "./access";
import { bootstrapVerdict } from "./bootstrap";
import { type NodeAction, nodeCan } from "./capabilities";
import type { AccessRole } from "./credentials";
import { fleet } from "./fleet";
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
  if (!possible.ok) throw new AppError("refused", possible.reason);
  return view;
}

/** What the node accepted; what becomes of it, the page sees from the node. */
export type Requested = { name: string };

async function act(
  nodeId: string,
  action: NodeAction,
  role: AccessRole,
  call: (client: TalosClient) => Promise<unknown>,
): Promise<Requested> {
  const { name } = requirePossible(nodeId, action);
  await withNodeClient(nodeId, role, call);
  return { name };
}

/** Reboots a node without draining it. `powercycle` skips kexec; `force` also skips the orderly stop (Talos ≥ 1.12). */
export const rebootNode = (_ctx: Operator, nodeId: string, mode: RebootMode): Promise<Requested> =>
  act(nodeId, "reboot", "operator", (client) => client.reboot({ mode }));

/** Switches a node off. `force` does not drain it first. */
export const shutdownNode = (_ctx: Operator, nodeId: string, force: boolean): Promise<Requested> =>
  act(nodeId, "shutdown", "operator", (client) => client.shutdown({ force }));

/** Boots the other slot: the system from before the last upgrade. */
export const rollbackNode = (_ctx: Admin, nodeId: string): Promise<Requested> =>
  act(nodeId, "rollback", "admin", (client) => client.rollback());

/**
 * Restarts one Talos service.
 * @throws as `requirePossible`, `not-found` for a service that the node does not have, `refused` for one that Talos does not restart.
 */
export async function restartService(_ctx: Operator, nodeId: string, service: string): Promise<Requested> {
  const view = requirePossible(nodeId, "restartService");
  if (!view.services.some(({ id }) => id === service)) {
    throw new AppError("not-found", `${view.name} has no service ${service}.`);
  }
  const refusal = restartRefusal(service);
  if (refusal !== null) {
    throw new AppError("refused", refusal, { hint: "Reboot the node to start it anew." });
  }
  return act(nodeId, "restartService", "operator", (client) => client.serviceRestart(service));
}

/**
 * Wipes a node. The name must be typed, and the last control plane of a cluster is refused: its etcd would be gone.
 * @throws AppError `invalid-input` where the name does not match, `refused`.
 */
export async function resetNode(
  _ctx: Admin,
  nodeId: string,
  { confirmName, ...request }: ResetRequest & { confirmName: string },
): Promise<Requested> {
  const view = requirePossible(nodeId, "reset");
  if (confirmName !== view.name) {
    throw new AppError("invalid-input", "The name does not match the node's.", {
      fields: { confirmName: `Type ${view.name}.` },
    });
  }
  if (view.role === "controlplane" && view.clusterId !== null) {
    const others = fleet()
      .views()
      .filter(({ id, clusterId, role }) => id !== nodeId && clusterId === view.clusterId && role === "controlplane");
    if (!others.some(({ reachability, ready }) => reachability.state === "reachable" && ready)) {
      throw new AppError("refused", `${view.name} is the last healthy control plane of its cluster.`, {
        hint: "To take the whole cluster down, use talosctl reset.",
      });
    }
  }
  return act(nodeId, "reset", "admin", (client) => client.reset(request));
}

/**
 * Starts etcd on the first control plane: once per cluster.
 * @throws AppError `conflict` where it was done before, `refused` while a control plane that may have etcd cannot be asked.
 */
export async function bootstrapNode(_ctx: Admin, nodeId: string): Promise<Requested> {
  const view = requirePossible(nodeId, "bootstrap");
  const members = fleet()
    .views()
    .filter(({ clusterId }) => clusterId === view.clusterId);
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
  return act(nodeId, "bootstrap", "admin", (client) => client.bootstrap());
}
