import { bindDrivers } from "../hardware/drivers";
import type { SimNode } from "./node";
import { publishConfig } from "./publish-config";
import { loadedExtensions } from "./publish-extensions";
import { publishKubelet } from "./publish-kubernetes";
import { publishNetwork } from "./publish-network";
import { publishRuntime } from "./publish-runtime";
import { refreshReadiness } from "./readiness";

/** Takes a config live: what controllers follow at once is host name, modules and discovery. */
export function takeConfig(node: SimNode, text: string): void {
  node.configText = text;
  const live = new Set(node.drivers.modules.map(({ name }) => name));
  const drivers = bindDrivers({
    release: node.running.release,
    pci: node.machine.pci,
    extensions: loadedExtensions(node),
    wantedModules: node.config?.modules ?? [],
  });
  // Modules load when a config asks for them, and stay loaded when it stops asking.
  if (drivers.modules.some(({ name }) => !live.has(name)) || drivers.log.length > node.drivers.log.length) {
    for (const { priority, text: line } of drivers.log) node.kmsg(line, "kern", priority);
    node.drivers = drivers;
  }
  publishRuntime(node);
  publishNetwork(node);
  publishConfig(node);
  publishKubelet(node);
  refreshReadiness(node);
  node.world.nodeChanged(node);
}
