import "server-only";
import { z } from "zod";
import { listAudit } from "@/lib/audit/queries";
import { auditEntryView, auditFilter } from "@/lib/audit/schema";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";

/** One collection that every viewer may read: `GET /api/v1/<name>`, and of `/<name>/<id>` where `get` is given. */
export type Read = {
  name: string;
  summary: string;
  query: z.ZodType;
  output: z.ZodType;
  list: (ctx: Ctx, query: never) => Promise<unknown>;
  item?: z.ZodType;
  get?: (ctx: Ctx, id: string) => Promise<unknown>;
};

function defineRead<Q extends z.ZodType, O extends z.ZodType>(
  read: Omit<Read, "query" | "output" | "list"> & {
    query: Q;
    output: O;
    list: (ctx: Ctx, query: z.output<Q>) => Promise<z.input<O>>;
  },
): Read {
  return read;
}

export const reads: readonly Read[] = [
  defineRead({
    name: "audit",
    summary: "The audit log, newest first.",
    query: auditFilter,
    output: z.object({ entries: z.array(auditEntryView), nextBeforeSeq: z.number().nullable() }),
    list: listAudit,
  }),
];

/** @throws AppError `not-found` */
export function findRead(name: string): Read {
  const read = reads.find((candidate) => candidate.name === name);
  if (!read)
    throw new AppError("not-found", `There is no collection named ${name.slice(0, 40)}.`, {
      hint: "GET /api/v1/openapi.json lists them.",
    });
  return read;
}
