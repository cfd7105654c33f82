import { seededRandom } from "../random";
import type { SimNode } from "./node";

/** How busy a node is at a time: smooth, between 0 and 1, and its own. */
export function loadAt(node: SimNode, atMs: number): number {
  const phase = seededRandom(`load/${node.world.seed}/${node.name}`)() * 1000;
  const seconds = atMs / 1000;
  const wave =
    Math.sin(seconds / 37 + phase) * 0.5 +
    Math.sin(seconds / 11 + phase * 3) * 0.25 +
    Math.sin(seconds / 3 + phase * 7) * 0.08;
  const base =
    node.spec.gpus.length > 0 && node.drivers.nvidiaVersion !== null
      ? 0.46
      : node.spec.role === "controlplane"
        ? 0.18
        : 0.26;
  return Math.min(0.97, Math.max(0.02, base + wave * 0.22));
}

/** ∫ load dt over this boot, in seconds: counters grow by it and never run backwards. */
export function workSeconds(node: SimNode): number {
  const from = node.bootedAtMs / 1000;
  const to = node.world.clock.nowMs() / 1000;
  const phase = seededRandom(`load/${node.world.seed}/${node.name}`)() * 1000;
  const integral = (t: number) =>
    -Math.cos(t / 37 + phase) * 37 * 0.5 -
    Math.cos(t / 11 + phase * 3) * 11 * 0.25 -
    Math.cos(t / 3 + phase * 7) * 3 * 0.08;
  const base =
    node.spec.gpus.length > 0 && node.drivers.nvidiaVersion !== null
      ? 0.46
      : node.spec.role === "controlplane"
        ? 0.18
        : 0.26;
  return Math.max(0, base * (to - from) + 0.22 * (integral(to) - integral(from)));
}

export const uptimeSeconds = (node: SimNode): number =>
  Math.max(0, (node.world.clock.nowMs() - node.bootedAtMs) / 1000);
