import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { parseSchematic } from "./document";
import type { SchematicView } from "./schema";
import { shownSchematic, withoutValuesOf } from "./shown";

const withNodes = { nodes: { select: { id: true, hostname: true, address: true } } } as const;
type Row = NonNullable<Awaited<ReturnType<typeof find>>>;
const find = (id: string) => db.schematic.findUnique({ where: { id }, include: withNodes });

function view(row: Row): SchematicView {
  const document = parseSchematic(row.canonical);
  const { text, extensions, kernelArgs } = shownSchematic(document);
  return {
    id: row.id,
    canonical: text,
    extensions,
    kernelArgs,
    factoryUrl: row.factoryUrl,
    registeredAtMs: row.registeredAt?.getTime() ?? null,
    lastError: row.lastError === null ? null : withoutValuesOf(document, row.lastError),
    lastTriedAtMs: row.lastTriedAt?.getTime() ?? null,
    createdAtMs: row.createdAt.getTime(),
    nodes: row.nodes.map(({ id, hostname, address }) => ({ id, name: hostname ?? address ?? id })),
  };
}

/** All stored schematics, newest first. */
export async function listSchematics(_ctx: Ctx): Promise<SchematicView[]> {
  const rows = await db.schematic.findMany({ include: withNodes, orderBy: [{ createdAt: "desc" }, { id: "asc" }] });
  return rows.map(view);
}

/** One stored schematic. @throws AppError `not-found`. */
export async function getSchematic(_ctx: Ctx, id: string): Promise<SchematicView> {
  const row = await find(id);
  if (!row)
    throw new AppError("not-found", "There is no such schematic here.", { hint: "It may belong to another Ichor." });
  return view(row);
}
