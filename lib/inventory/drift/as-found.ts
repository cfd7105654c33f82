import "server-only";
import { AppError } from "@/lib/core/errors";
import { withTransaction } from "@/lib/db/transaction";
import { exactProfiles } from "@/lib/gpu/exact-profiles";
import { installerImage, releaseTag } from "@/lib/image-factory/asset-urls";
import { imageFactory } from "@/lib/image-factory/factory";
import { isUnpublished, readInstallerImage } from "@/lib/image-factory/installer-image";
import { acceptableForms } from "@/lib/schematic/canonical";
import { extensionsOf, kernelArgsOf, parseSchematic, type SchematicDocument } from "@/lib/schematic/document";
import { knownDocument } from "@/lib/schematic/known-document";
import { schematicAtFactory } from "@/lib/schematic/told-by-factory";
import { fleet } from "../fleet";
import type { NodeState } from "../node-state";
import { refreshNodes } from "../refresh";
import { schematicOfImage } from "./install-image";

type Form = { id: string; canonical: string; document: SchematicDocument; atFactory: boolean };
export type FoundRecord = {
  nodeId: string;
  form: Form;
  installImage: string | null;
  profileIds: string[];
};

/** The document that a node carries, where it has the ID that the node gives it: a node is not trusted. */
function carried(text: string, id: string): Pick<Form, "canonical" | "document"> | null {
  try {
    const document = parseSchematic(text);
    const canonical = acceptableForms(document).find((form) => form.id === id)?.canonical;
    return canonical === undefined ? null : { canonical, document };
  } catch {
    return null;
  }
}

/** Whether the Image Factory knows it; false also where it cannot be asked: it is asked again when an image is needed. */
async function isAtFactory(id: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.timeout(10_000);
    return (await schematicAtFactory(imageFactory(), id, signal ? AbortSignal.any([signal, limit]) : limit)) !== null;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

type Forms = Map<string, Promise<Form | null>>;

async function readForm(id: string, text: string | null, signal?: AbortSignal): Promise<Form | null> {
  const own = text === null ? null : carried(text, id);
  if (own) return { id, ...own, atFactory: await isAtFactory(id, signal) };
  const document = await knownDocument(id, signal);
  const canonical = document && acceptableForms(document).find((form) => form.id === id)?.canonical;
  return document && canonical ? { id, canonical, document, atFactory: await isAtFactory(id, signal) } : null;
}

/** The nodes of a fleet run a handful of schematics: each is read, and asked for, once. */
function formOf(forms: Forms, id: string, text: string | null, signal?: AbortSignal): Promise<Form | null> {
  const known = forms.get(id) ?? readForm(id, text, signal);
  forms.set(id, known);
  return known;
}

/** `image` with the tag of the release that runs: what is recorded is what a reinstall ought to bring back. */
function withTag(image: string, tag: string): string {
  const bare = image.replace(/@sha256:[0-9a-f]{64}$/, "");
  return bare.endsWith(`:${tag}`) ? image : `${bare.replace(/:[^/:]*$/, "")}:${tag}`;
}

/**
 * The installer image of what runs: the one of the node's own config where that holds the same, so that a mirror stays in use; else the
 * Image Factory's. Null where there is none for the platform, or the release is not known.
 */
function imageOf({ facts }: NodeState, schematicId: string): string | null {
  const { talosVersion, config, platform, secureBoot } = facts;
  if (talosVersion === null) return null;
  const own = config?.installImage ?? null;
  try {
    const { tag } = releaseTag(talosVersion);
    if (own !== null && schematicOfImage(own) === schematicId) {
      const same = withTag(own, tag);
      if (!isUnpublished(readInstallerImage(same))) return same;
    }
    const { baseUrl: factoryUrl } = imageFactory();
    return installerImage({
      factoryUrl,
      schematicId,
      talosVersion,
      platform,
      ...(secureBoot === true && { secureboot: true }),
    });
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/**
 * What a node runs as it would be recorded: its schematic, the installer image that brings it back, and the built-in profiles that cover it
 * exactly. Null where the node runs no schematic, or nobody knows the schematic's document.
 */
export async function foundRecordOf(
  state: NodeState,
  signal?: AbortSignal,
  forms: Forms = new Map(),
): Promise<FoundRecord | null> {
  const { facts, record } = state;
  const id = facts.runningSchematicId;
  if (id === null) return null;
  const form = await formOf(forms, id, facts.runningSchematic?.text ?? null, signal);
  if (!form) return null;
  const profiles =
    facts.talosVersion === null
      ? []
      : exactProfiles({
          gpus: facts.gpus,
          nvSwitch: facts.evidence.nvSwitch,
          talosVersion: facts.talosVersion,
          arch: facts.architecture === "arm64" ? "arm64" : "amd64",
          extensions: extensionsOf(form.document),
          kernelArgs: kernelArgsOf(form.document),
        });
  return {
    nodeId: record.id,
    form,
    installImage: imageOf(state, id),
    profileIds: profiles.map((profile) => profile.id),
  };
}

/** Stores records as found. `onlyUnrecorded` leaves nodes for which something was recorded meanwhile. */
export async function storeFound(found: readonly FoundRecord[], { onlyUnrecorded }: { onlyUnrecorded: boolean }) {
  const factoryUrl = imageFactory().baseUrl;
  await withTransaction(async (tx) => {
    for (const { nodeId, form, installImage, profileIds } of found) {
      const { id, canonical, atFactory } = form;
      const registered = atFactory ? { factoryUrl, registeredAt: new Date() } : {};
      await tx.schematic.upsert({ where: { id }, create: { id, canonical, factoryUrl, ...registered }, update: {} });
      const { count } = await tx.node.updateMany({
        where: { id: nodeId, ...(onlyUnrecorded && { schematicId: null, profiles: { none: {} } }) },
        data: { schematicId: id, installImage, recordedAsFound: true },
      });
      if (count === 0) continue;
      await tx.nodeProfile.deleteMany({ where: { nodeId } });
      await tx.nodeProfile.createMany({ data: profileIds.map((profileId) => ({ nodeId, profileId })) });
    }
  });
}

/** A member of a cluster of which nothing is recorded, and whose own config was read, or cannot be. */
function isDue({ record, facts }: NodeState): boolean {
  const unrecorded = record.schematicId === null && record.profiles.length === 0;
  const read = facts.config !== null || facts.configUnread !== null;
  // Its cards have to be known, or a profile that covers them would be missed.
  const seen = facts.hardware !== null || facts.platform === "container";
  return record.clusterId !== null && unrecorded && read && seen && facts.stage !== "maintenance";
}

const nodesAtOnce = 50;

/**
 * Records what nodes run as it was found, so that drift counts from the first day and profiles show who uses them. Nodes for which something is
 * recorded stay as they are; so do those that run no schematic, or one that nobody knows.
 */
export async function recordAsFound(nodeIds: readonly string[], signal?: AbortSignal): Promise<void> {
  const due = nodeIds.flatMap((id) => fleet().state(id) ?? []).filter(isDue);
  const forms: Forms = new Map();
  for (let at = 0; at < due.length; at += nodesAtOnce) {
    const records = due.slice(at, at + nodesAtOnce).map((state) => foundRecordOf(state, signal, forms));
    const found = (await Promise.all(records)).filter((record) => record !== null);
    if (found.length === 0) continue;
    await storeFound(found, { onlyUnrecorded: true });
    await refreshNodes(found.map(({ nodeId }) => nodeId));
  }
}
