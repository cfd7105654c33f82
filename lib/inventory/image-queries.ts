import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { listSchematics } from "@/lib/schematic/queries";
import type { ImageView, SchematicView } from "@/lib/schematic/schema";
import { parseSchematic } from "@/lib/schematic/document";
import { type ShownSchematic, shownSchematic } from "@/lib/schematic/shown";
import type { NodeFacts } from "./facts";
import { loadedFleet } from "./queries";

type Running = { document: ShownSchematic | null; nodes: ImageView["runningOn"] };

/** What a node carries, as it may be shown. */
function shownOf(carried: NodeFacts["runningSchematic"]): ShownSchematic | null {
  try {
    return carried && shownSchematic(parseSchematic(carried.text));
  } catch {
    return null;
  }
}

/** What the fleet runs, by schematic ID, as its nodes last said. */
async function runningSchematics(): Promise<Map<string, Running>> {
  const fleet = await loadedFleet();
  const running = new Map<string, Running>();
  for (const { facts, record } of fleet.states()) {
    if (facts.runningSchematicId === null) continue;
    const known = running.get(facts.runningSchematicId) ?? { document: null, nodes: [] };
    known.document ??= shownOf(facts.runningSchematic);
    known.nodes.push({ id: record.id, name: fleet.view(record.id)?.name ?? record.id });
    running.set(facts.runningSchematicId, known);
  }
  return running;
}

const storedImage = (schematic: SchematicView, running: Running | undefined): ImageView => ({
  ...schematic,
  stored: true,
  runningOn: running?.nodes ?? [],
});

const readImage = (id: string, { document, nodes }: Running): ImageView => ({
  id,
  stored: false,
  canonical: document?.text ?? null,
  extensions: document?.extensions ?? null,
  kernelArgs: document?.kernelArgs ?? null,
  factoryUrl: env().factoryUrl,
  registeredAtMs: null,
  lastError: null,
  lastTriedAtMs: null,
  createdAtMs: null,
  nodes: [],
  runningOn: nodes,
});

/** Stored schematics, newest first, then those that only run on nodes, the most used first. */
export async function listImages(ctx: Ctx): Promise<ImageView[]> {
  const [stored, running] = await Promise.all([listSchematics(ctx), runningSchematics()]);
  const storedIds = new Set(stored.map(({ id }) => id));
  const onlyRead = [...running].filter(([id]) => !storedIds.has(id)).map(([id, found]) => readImage(id, found));
  return [
    ...stored.map((schematic) => storedImage(schematic, running.get(schematic.id))),
    ...onlyRead.sort((a, b) => b.runningOn.length - a.runningOn.length),
  ];
}

/** @throws AppError `not-found` */
export async function getImage(ctx: Ctx, id: string): Promise<ImageView> {
  const found = (await listImages(ctx)).find((image) => image.id === id);
  if (found) return found;
  throw new AppError("not-found", "There is no such schematic here.", {
    hint: "It is neither stored nor does a node run it; it may belong to another Ichor.",
  });
}
