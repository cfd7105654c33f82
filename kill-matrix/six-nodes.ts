import { demoNodes } from "@/sim/scenario/demo";
import type { NodeSpec } from "@/sim/scenario/node-spec";

/** How a release is upgraded, and from where to where. */
export const flows = {
  lifecycle: { from: "v1.13.9", to: "v1.14.0" },
  legacy: { from: "v1.12.11", to: "v1.13.9" },
} as const;
export type Flow = keyof typeof flows;

const names = ["cp-01", "cp-02", "cp-03", "gpu-02", "gpu-06", "w-01"];

/** Three control planes, and workers with NVIDIA cards, with Intel cards and without; all of one release. */
export const sixNodes = (flow: Flow): NodeSpec[] =>
  demoNodes.filter(({ name }) => names.includes(name)).map((node) => ({ ...node, release: flows[flow].from }));
