import type { Fault } from "../control/fault";
import type { DriverOutcome } from "./drivers";

const nodesOf: Readonly<Record<string, RegExp>> = {
  nvidia: /^nvidia/,
  amdgpu: /^(?:kfd|dri\/)/,
  i915: /^dri\//,
  xe: /^dri\//,
};

/** What faults leave of a boot's drivers: cards that are not taken, device nodes that are not made. */
export function withDriverFaults(outcome: DriverOutcome, faults: ReadonlyMap<string, Fault>): DriverOutcome {
  const unbound = faults.get("driver-not-bound");
  const without = faults.get("no-device-node");
  let next = outcome;
  if (unbound?.kind === "driver-not-bound") {
    const { driver } = unbound;
    const lost = [...next.bindings].filter(([, name]) => name === driver);
    next = {
      ...next,
      bindings: new Map([...next.bindings].filter(([, name]) => name !== driver)),
      deviceNodes: next.deviceNodes.filter((name) => !nodesOf[driver]?.test(name)),
      log: [
        ...next.log,
        ...lost.map(([address]) => ({
          priority: "err" as const,
          text: `${driver} ${address}: probe with driver ${driver} failed with error -12`,
        })),
      ],
      withoutNodes: new Set([driver]),
    };
  }
  if (without?.kind === "no-device-node") {
    const { driver } = without;
    next = {
      ...next,
      deviceNodes: next.deviceNodes.filter((name) => !nodesOf[driver]?.test(name)),
      withoutNodes: new Set([driver, ...(next.withoutNodes ?? [])]),
    };
  }
  return next;
}
