import { z } from "zod";
import { clusterView, nodeCounters, nodeView, scanAnswer } from "@/lib/inventory/schema";
import { runEvent, runSummary } from "@/lib/upgrades/schema";

/**
 * The wire contract of `GET /api/live`, parsed by both ends. One stream per tab; a snapshot (upserts) ends with `synced`.
 * Heavy parts of a node travel only in `node.upsert`; counters tick in `node.counters`.
 */
export const liveFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), serverTimeMs: z.number(), buildId: z.string() }),
  z.object({ type: z.literal("cluster.upsert"), cluster: clusterView }),
  z.object({ type: z.literal("cluster.remove"), id: z.string() }),
  z.object({ type: z.literal("node.upsert"), node: nodeView }),
  z.object({ type: z.literal("node.remove"), id: z.string() }),
  z.object({ type: z.literal("node.counters"), id: z.string(), counters: nodeCounters }),
  z.object({ type: z.literal("run.upsert"), run: runSummary }),
  z.object({ type: z.literal("run.event"), event: runEvent }),
  z.object({
    type: z.literal("scan.progress"),
    id: z.string(),
    done: z.number(),
    total: z.number(),
    found: z.number(),
    finished: z.boolean(),
    /** Why it ended before its end; null while it goes on, and where it did not. */
    error: z.string().nullable(),
  }),
  /** All that a scan has met so far and that is not simply a machine in maintenance mode; `more` were left out. */
  z.object({ type: z.literal("scan.answers"), id: z.string(), answers: z.array(scanAnswer), more: z.number() }),
  z.object({ type: z.literal("synced") }),
  z.object({ type: z.literal("error"), message: z.string() }),
  z.object({ type: z.literal("done"), reason: z.string() }),
]);
export type LiveFrame = z.infer<typeof liveFrame>;
