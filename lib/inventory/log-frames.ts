import { z } from "zod";

/** What `GET /api/nodes/<id>/{logs,dmesg}` streams, one JSON text per event. */
export const logFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("lines"), lines: z.array(z.string()) }),
  /** After a reconnection: lines between the last ones and the next may be missing. */
  z.object({ type: z.literal("gap") }),
  /** There is no such log yet; it is worth another look after a while. */
  z.object({ type: z.literal("none"), message: z.string() }),
  z.object({ type: z.literal("error"), message: z.string(), hint: z.string().optional() }),
  z.object({ type: z.literal("done"), reason: z.string() }),
]);
export type LogFrame = z.infer<typeof logFrame>;

/** Most past lines that are sent at once; the viewer keeps no more than twice as many. */
export const maxTailLines = 5_000;
