import { demoNodes } from "./demo";
import type { NodeSpec } from "./node-spec";

/** `count` nodes for measuring: three control planes, then the demo's workers over and over, all members of "forge". */
export function manyNodes(count: number): NodeSpec[] {
  const controlPlanes = demoNodes.filter((node) => node.role === "controlplane");
  const workers = demoNodes.filter((node) => node.role === "worker" && node.cluster !== null);
  return Array.from({ length: count }, (_, index) => {
    const host = `${Math.floor(index / 250) + 1}.${(index % 250) + 1}`;
    const pattern = index < 3 ? controlPlanes[index] : workers[(index - 3) % workers.length];
    if (!pattern) throw new Error("the demo has no pattern for a node");
    return { ...pattern, host, name: index < 3 ? pattern.name : `node-${String(index + 1).padStart(4, "0")}` };
  });
}
