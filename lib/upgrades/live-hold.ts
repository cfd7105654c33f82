import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { claimNode, claimPlane, noteHold, releaseNode, returnMs } from "@/lib/inventory/guard/holds";
import { lookAtHolds } from "@/lib/inventory/guard/keeper";
import type { RunnerPorts } from "./ports";

/** The guard's lock (`lib/inventory/guard`) for the control planes of runs. */
export const livePlaneHolds: Pick<RunnerPorts, "holdPlane" | "releasePlane"> = {
  async holdPlane({ runId, nodeId, name, clusterId, bootId }) {
    const run = await db.upgradeRun.findUniqueOrThrow({ where: { id: runId } });
    const nowMs = Date.now();
    await lookAtHolds({ nodeIds: [nodeId], clusterId });
    try {
      const { hold, previous } = await claimNode({
        ...{ nodeId, nodeName: name, clusterId, operation: "upgrade.run", runId },
        ...{ actor: run.startedById, actorName: run.startedByName, nowMs },
      });
      try {
        await claimPlane({ nodeId, clusterId, ends: "return", runId, overridden: false });
      } catch (error) {
        await releaseNode(hold, previous);
        throw error;
      }
      // The run itself watches it come back; the keeper takes over when the run has ended with it.
      await noteHold(hold, { phase: "awaiting", bootId, until: new Date(nowMs + returnMs) });
      return { ok: true };
    } catch (error) {
      if (error instanceof AppError && error.code === "conflict") return { ok: false, sentence: error.message };
      throw error;
    }
  },
  async releasePlane({ nodeId, runId }) {
    await db.nodeHold.deleteMany({ where: { nodeId, runId } });
  },
};
