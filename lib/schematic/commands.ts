import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import type { ImageFactory } from "@/lib/image-factory/client";
import { imageFactory } from "@/lib/image-factory/factory";
import { acceptableForms, canonicalSchematic, idOfCanonical } from "./canonical";
import { requireAdminFor } from "@/lib/gpu/meaning/require-admin";
import { type SchematicDocument, parseSchematic } from "./document";
import { powersOf } from "./powers";
import type { EnsuredSchematic } from "./schema";
import { forgetOtherFactories, registerStored } from "./store";

export type SchematicOptions = { factory?: ImageFactory; now?: () => Date; signal?: AbortSignal };
type EnsureOptions = SchematicOptions & {
  /** What the node runs that it is for: powers that are in it already are nobody's to give. */
  running?: SchematicDocument | null;
};

/**
 * go-yaml writes some texts of several lines so that it cannot read them again. The factory would give such a schematic an ID, and
 * fail at every image of it; here no page could show it.
 */
function refuseUnreadable(canonical: string): void {
  const again = (): string => canonicalSchematic(parseSchematic(canonical));
  let back: string | null = null;
  try {
    back = again();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  if (back === canonical) return;
  throw new AppError(
    "refused",
    "A text of several lines begins with a space or a tab: the Image Factory stores that in a form that it cannot read again, so no image could be made of it.",
    { hint: "Begin the text with another character, for example with a comment." },
  );
}

/**
 * Stores a schematic and registers it with the Image Factory. With the factory away it is stored as not registered yet
 * (`registered: false`), and the registrar tries again.
 * @throws AppError `refused` where the factory refuses it or answers with another ID; then nothing new stays stored. `forbidden`
 * where an operator's document holds what only an administrator may decide (`powersOf`).
 */
export async function ensureSchematic(
  ctx: Ctx<"operator">,
  document: SchematicDocument,
  { factory = imageFactory(), now = () => new Date(), signal, running = null }: EnsureOptions = {},
): Promise<EnsuredSchematic> {
  requireAdminFor(ctx, powersOf(document, running));
  await forgetOtherFactories(factory.baseUrl);
  const forms = acceptableForms(document);
  const known = await db.schematic.findMany({ where: { id: { in: forms.map(({ id }) => id) } } });
  const settled = known.find(({ registeredAt, factoryUrl }) => registeredAt !== null && factoryUrl === factory.baseUrl);
  if (settled) return { id: settled.id, canonical: settled.canonical, registered: true, lastError: null };

  const [form] = forms;
  if (!form) throw new AppError("internal", "The schematic has no canonical form.");
  refuseUnreadable(form.canonical);
  const row =
    known[0] ??
    (await db.schematic.upsert({
      where: { id: form.id },
      create: { ...form, factoryUrl: factory.baseUrl },
      update: {},
    }));
  try {
    return await registerStored(row, factory, { now, signal, document });
  } catch (error) {
    // Refused: a row that only this attempt made, and that no node uses, goes again.
    if (known.length === 0)
      await db.schematic.deleteMany({ where: { id: row.id, registeredAt: null, nodes: { none: {} } } });
    throw error;
  }
}

/**
 * Registers a document again that the factory of the settings does not have (any more): it was emptied, or is another one. The
 * ID that it gives has to be the one that is asked for, since images are named by it.
 * @throws AppError `unavailable` where the factory is away, `refused` where it refuses the document or gives another ID.
 */
export async function registerAgain(
  _ctx: Ctx<"operator">,
  id: string,
  document: SchematicDocument,
  { factory = imageFactory(), now = () => new Date(), signal }: SchematicOptions = {},
): Promise<void> {
  const form = acceptableForms(document).find((one) => one.id === id);
  if (!form) throw new AppError("internal", "The document is not the one that has this ID.");
  const known = await db.schematic.findUnique({ where: { id }, select: { id: true } });
  const row = await db.schematic.upsert({
    where: { id },
    create: { ...form, factoryUrl: factory.baseUrl },
    update: { registeredAt: null, factoryUrl: factory.baseUrl },
  });
  const result = await registerStored(row, factory, { now, signal, document }).catch(async (error: unknown) => {
    // Refused: a row that only this attempt made goes again.
    if (!known) await db.schematic.deleteMany({ where: { id, registeredAt: null, nodes: { none: {} } } });
    throw error;
  });
  if (!result.registered) {
    throw new AppError(
      "unavailable",
      `The Image Factory could not be asked to build ${id.slice(0, 12)}…: ${result.lastError ?? ""}`.trim(),
      {
        hint: "Try again once it answers.",
      },
    );
  }
  if (result.id !== id) {
    throw new AppError("conflict", "The Image Factory writes this schematic in another form, so its ID has changed.", {
      hint: "Plan again: the new plan names the new ID.",
      details: `asked for ${id}, answered ${result.id}`,
    });
  }
}

/**
 * Stores the schematic that a node says it runs, so that its document is known here. Its content must have its ID: a node
 * is not trusted. The registrar then offers it to our factory.
 * @throws AppError `invalid-input` where the text is no schematic or has another ID.
 */
export async function rememberSchematic(
  _ctx: Ctx<"operator">,
  id: string,
  yaml: string,
  factoryUrl = imageFactory().baseUrl,
): Promise<void> {
  const document = parseSchematic(yaml);
  const form = acceptableForms(document).find((one) => one.id === id);
  if (!form && idOfCanonical(yaml) !== id) {
    throw new AppError(
      "invalid-input",
      "The node's schematic does not have the ID that the node gives it, so it is not kept.",
    );
  }
  const canonical = form?.canonical ?? yaml;
  await db.schematic.upsert({ where: { id }, create: { id, canonical, factoryUrl }, update: {} });
}
