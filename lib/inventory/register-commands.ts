import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { withTransaction } from "@/lib/db/transaction";
import { nodeCan } from "./capabilities";
import { fleet } from "./fleet";
import { refuseHeldNodes, refuseRunsNodes } from "./guard/holds";
import { parseMacs } from "./node-records";
import { refreshNodes } from "./refresh";

export type Registration = { hostname: string; mac?: string | undefined; uuid?: string | undefined };

/**
 * Records a machine before it was ever seen, by its MAC or SMBIOS UUID: when it shows up it is this node.
 * @throws AppError `invalid-input` with neither, `conflict` when the MAC, UUID or hostname is taken.
 */
export async function registerMachine(_ctx: Ctx<Grants["operator"]>, input: Registration): Promise<{ nodeId: string }> {
  const uuid = input.uuid?.toLowerCase() ?? null;
  const mac = input.mac?.toLowerCase().replaceAll("-", ":") ?? null;
  if (uuid === null && mac === null) {
    throw new AppError("invalid-input", "A machine is recognised by its MAC address or UUID; neither is given.", {
      fields: { mac: "Give a MAC address or a UUID.", uuid: "Give a MAC address or a UUID." },
    });
  }
  const nodeId = newId("node");
  await withTransaction(async (tx) => {
    const nodes = await tx.node.findMany({ select: { hostname: true, machineUuid: true, macs: true } });
    const taken = (what: string, value: string) =>
      new AppError("conflict", `A node with the ${what} ${value} is there already.`, {
        hint: "Look for it in the list of nodes; remove it first if it is gone for good.",
      });
    for (const node of nodes) {
      if (uuid !== null && node.machineUuid === uuid) throw taken("UUID", uuid);
      if (mac !== null && parseMacs(node.macs).includes(mac)) throw taken("MAC address", mac);
      if (node.hostname === input.hostname) throw taken("hostname", input.hostname);
    }
    const macs = JSON.stringify(mac === null ? [] : [mac]);
    await tx.node.create({ data: { id: nodeId, hostname: input.hostname, machineUuid: uuid, macs } });
  });
  await refreshNodes([nodeId]);
  return { nodeId };
}

/**
 * Forgets a node; the machine itself is left as it is. A node that a run or somebody else holds is refused.
 * @throws AppError `not-found`, `refused`, `conflict`.
 */
export async function removeNode(_ctx: Ctx<Grants["operator"]>, nodeId: string): Promise<{ name: string }> {
  const view = fleet().view(nodeId);
  const possible = view ? nodeCan.remove(view, null) : null;
  if (possible && !possible.ok) throw new AppError("refused", possible.reason);
  const name = await withTransaction(async (tx) => {
    const node = await tx.node.findUnique({ where: { id: nodeId } });
    if (!node) throw new AppError("not-found", "This node is not (or no longer) there.");
    await refuseRunsNodes(tx, [nodeId], null);
    await refuseHeldNodes(tx, [nodeId], "calls");
    await tx.node.delete({ where: { id: nodeId } });
    await tx.nodeHold.deleteMany({ where: { nodeId } });
    return view?.name ?? node.hostname ?? node.address ?? nodeId;
  });
  await refreshNodes([nodeId]);
  return { name };
}
