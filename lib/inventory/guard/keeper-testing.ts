import { type Hold, returnMs } from "./holds";

export const sinceMs = Date.UTC(2026, 5, 1);

/** The hold of a control plane that was asked to reboot. */
export const plane = (changes: Partial<Hold> = {}): Hold => ({
  ...{ nodeId: "cp1", clusterId: "c", nodeName: "cp-1", operation: "node.reboot", runId: null },
  ...{ actor: "user:1", actorName: "olga", phase: "awaiting", takesPlane: true, ends: "return" },
  ...{ memberId: "m1", bootId: "boot-1", wentAt: null, owner: "elsewhere|1|x" },
  ...{ since: new Date(sinceMs), until: new Date(sinceMs + returnMs) },
  ...changes,
});
