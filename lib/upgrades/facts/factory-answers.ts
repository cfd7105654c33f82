import "server-only";
import { AppError } from "@/lib/core/errors";
import { inBatches } from "@/lib/db/batches";
import { db } from "@/lib/db/client";
import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { FactoryError } from "@/lib/image-factory/factory-error";
import { extensionsIfReachable, imageFactory } from "@/lib/image-factory/factory";
import { type SchematicDocument, parseSchematic } from "@/lib/schematic/document";
import { schematicAtFactory } from "@/lib/schematic/told-by-factory";
import type { AtFactory, PlanFacts } from "../plan-facts";
import { knownReleases } from "../releases";
import { Kept, unlessAborted } from "./kept";

const askMs = 8_000;
const keepMs = () => 60_000;
const lists = new Kept<readonly string[]>({ keepMs, most: 8 });
/** Canonical texts; null where the factory does not have it. */
const texts = new Kept<string | null>({ keepMs, most: 500 });

/** Stable and testing releases as the factory lists them; the known ones where it cannot be asked. */
export async function releasesKnown(signal: AbortSignal, fresh = false): Promise<PlanFacts["releases"]> {
  const factory = imageFactory();
  if (fresh) lists.forget(factory.baseUrl);
  try {
    const ask = () => factory.versions(AbortSignal.timeout(askMs));
    return { tags: await unlessAborted(lists.get(factory.baseUrl, ask), signal), source: "factory" };
  } catch (error) {
    if (error instanceof FactoryError || (isTimeout(error) && !signal.aborted))
      return { tags: knownReleases, source: "catalogue" };
    throw error;
  }
}
const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === "TimeoutError";

/** What the factory says of one schematic: its text, null where it does not have it, undefined where it could not be asked. */
async function textAtFactory(id: string, signal: AbortSignal, fresh: boolean): Promise<string | null | undefined> {
  const factory = imageFactory();
  const key = `${factory.baseUrl} ${id}`;
  if (fresh) texts.forget(key);
  try {
    return await unlessAborted(
      texts.get(key, () => schematicAtFactory(factory, id, AbortSignal.timeout(askMs))),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError || isTimeout(error)) return undefined;
    throw error;
  }
}

/** A document of a factory or a node; null where it has members that are newer than we are: then it is simply not known. */
export function documentOf(text: string): SchematicDocument | null {
  try {
    return parseSchematic(text);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

export type Schematics = {
  documents: ReadonlyMap<string, SchematicDocument>;
  atFactory: ReadonlyMap<string, AtFactory>;
};

/** More than any fleet has; beyond it the factory is not asked. */
const mostAsked = 200;

/**
 * The documents of schematics, and whether the factory of the settings can build them now. It is asked for each, also for those that
 * it once registered: one that was emptied, or is another behind the same address, would fail every pull.
 * @param carried documents that we hold without the database: what nodes carry, what plans compose.
 */
export async function readSchematics(
  ids: readonly string[],
  carried: ReadonlyMap<string, SchematicDocument>,
  signal: AbortSignal,
  fresh: boolean,
): Promise<Schematics> {
  const rows = await inBatches([...ids], (batch) => db.schematic.findMany({ where: { id: { in: batch } } }));
  const documents = new Map(carried);
  for (const { id, canonical } of rows) documents.set(id, parseSchematic(canonical));
  const { baseUrl } = imageFactory();
  const before = new Set(rows.flatMap((row) => (row.registeredAt && row.factoryUrl === baseUrl ? [row.id] : [])));
  const atFactory = new Map<string, AtFactory>();
  await Promise.all(
    ids.slice(0, mostAsked).map(async (id) => {
      const text = await textAtFactory(id, signal, fresh);
      const known = text ? documentOf(text) : null;
      if (known && !documents.has(id)) documents.set(id, known);
      const held = documents.has(id);
      if (text === undefined) atFactory.set(id, before.has(id) ? "known-before" : held ? "waiting" : "not-asked");
      else if (text !== null) atFactory.set(id, "known");
      else atFactory.set(id, held ? "to-register" : "unknown");
    }),
  );
  return { documents, atFactory };
}

/** Official extensions of each release; absent where neither the factory nor the catalogue knows it. */
export async function readOffered(tags: Iterable<string>): Promise<Map<string, readonly string[]>> {
  const offered = new Map<string, readonly string[]>();
  await Promise.all(
    [...new Set(tags)].map(async (tag) => {
      const names = (await extensionsIfReachable(tag)) ?? officialExtensionsOf(tag);
      if (names) offered.set(tag, names);
    }),
  );
  return offered;
}
