import { runDetached } from "../clock";
import { boot } from "./boot";
import type { SimNode } from "./node";

/** Cuts the machine's power where a fault says so, once; it comes back by itself. Its own work ends with PowerLoss. */
export function losesPower(node: SimNode, during: "install" | "restart"): boolean {
  const fault = node.faults.get("power-loss");
  if (fault?.kind !== "power-loss" || fault.during !== during) return false;
  node.faults.delete("power-loss");
  runDetached(cut(node), node.world.report);
  return true;
}

async function cut(node: SimNode): Promise<void> {
  const { world } = node;
  node.cluster?.etcd.setRunning(node.name, false);
  node.powerOff();
  await world.clock.wait(1_000, world.stopping);
  await boot(node, { instant: false });
}
