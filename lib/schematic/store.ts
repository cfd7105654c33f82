import "server-only";
import { errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { ImageFactory } from "@/lib/image-factory/client";
import { type SchematicDocument, parseSchematic } from "./document";
import { registerAt } from "./register";
import type { EnsuredSchematic } from "./schema";

type Row = { id: string; canonical: string };

/** After the factory's address has changed, nothing is registered there yet. */
export const forgetOtherFactories = (factoryUrl: string) =>
  db.schematic.updateMany({ where: { factoryUrl: { not: factoryUrl } }, data: { factoryUrl, registeredAt: null } });

/** Notes the outcome at a row that is not registered yet. */
const noteFailure = (id: string, lastError: string, now: Date) =>
  db.schematic.updateMany({ where: { id, registeredAt: null }, data: { lastError, lastTriedAt: now } });

/**
 * Marks a row as registered. Where an older factory quotes a word in another way, the schematic has another ID there: its
 * row, and the nodes that point to it with their installer images, move to that ID.
 */
async function settle(row: Row, form: { id: string; canonical: string }, factoryUrl: string, now: Date): Promise<void> {
  const registered = { factoryUrl, registeredAt: now, lastError: null, lastTriedAt: now };
  if (form.id === row.id) {
    // Another request may have settled, and moved, the same row meanwhile.
    await db.schematic.upsert({ where: { id: row.id }, create: { ...form, ...registered }, update: registered });
    return;
  }
  log.info("The Image Factory writes a schematic in its older form, so its ID changes.", { from: row.id, to: form.id });
  await withTransaction(async (tx) => {
    await tx.schematic.upsert({ where: { id: form.id }, create: { ...form, ...registered }, update: registered });
    for (const { id, installImage } of await tx.node.findMany({ where: { schematicId: row.id } })) {
      const image = installImage?.replace(`/${row.id}:`, `/${form.id}:`) ?? null;
      await tx.node.update({ where: { id }, data: { schematicId: form.id, installImage: image } });
    }
    await tx.schematic.deleteMany({ where: { id: row.id } });
  });
}

/**
 * Tries to register a stored schematic once and writes down how it went.
 * @throws AppError `refused`, noted at the row as well.
 */
export async function registerStored(
  row: Row,
  factory: ImageFactory,
  {
    now,
    signal,
    document = parseSchematic(row.canonical),
  }: { now: () => Date; signal?: AbortSignal | undefined; document?: SchematicDocument },
): Promise<EnsuredSchematic> {
  try {
    const result = await registerAt(factory, document, signal);
    if (result.state === "registered") {
      const { id, canonical } = result;
      await settle(row, { id, canonical }, factory.baseUrl, now());
      return { id, canonical, registered: true, lastError: null };
    }
    await noteFailure(row.id, result.reason, now());
    return { id: row.id, canonical: row.canonical, registered: false, lastError: result.reason };
  } catch (error) {
    if (!signal?.aborted) await noteFailure(row.id, errorMessage(error), now());
    throw error;
  }
}
