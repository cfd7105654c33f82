import { AppError } from "@/lib/core/errors";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { parseYamlDocuments } from "@/lib/core/yaml";
import {
  documentId,
  documentLabel,
  encodeMachineConfig,
  isLegacyDocument,
  isYamlMap,
  parseMachineConfig,
  sameDocument,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import { applyDeletion, takeDeletions } from "@/lib/machine-config/patch-delete";
import { applyJsonPatch, parseJsonPatch } from "@/lib/machine-config/patch-json";
import { mergeDocument } from "@/lib/machine-config/patch-merge";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

export type PatchOptions = { contract: VersionContract };

const legacyKeys = ["apiVersion", "machine", "cluster", "debug", "persist"];

/**
 * Applies patches to a machine config, as `talosctl machineconfig patch` does: strategic merge patches (YAML documents, `$patch: delete`) and
 * JSON patches (only for configs of one document), in order. Returns the config as YAML; comments are lost.
 *
 * @throws AppError `invalid-input` naming the patch (counted from 1) and what is wrong with it; `fields` has its index. Values are never quoted.
 */
export function applyPatches(config: string, patches: readonly string[], options: PatchOptions): string {
  return encodeMachineConfig(applyPatchesToDocuments(parseMachineConfig(config), patches, options));
}

/** As `applyPatches`, on documents. */
export function applyPatchesToDocuments(
  config: readonly MachineConfigDocument[],
  patches: readonly string[],
  options: PatchOptions,
): MachineConfigDocument[] {
  let documents = config.map(decodeDocument);
  refuseDuplicates(documents, "The machine config");
  patches.forEach((patch, index) => {
    try {
      documents = applyPatch(documents, patch, options);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, patches.length === 1 ? error.message : `Patch ${index + 1}: ${error.message}`, {
        fields: { [`patches.${index}`]: error.message },
        cause: error.cause,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  });
  return documents;
}

function applyPatch(documents: MachineConfigDocument[], patch: string, options: PatchOptions): MachineConfigDocument[] {
  refusePlainText(patch, "patch");
  const values = parseYamlDocuments(patch, { what: "The patch" }).filter((value) => value !== null);
  refuseOtherFile(values, "patch");
  const [first] = values;
  if (values.length === 1 && isYamlSequence(first)) return applyJson(documents, first);
  const patchDocuments = values.map((value, index) => {
    if (isYamlMap(value)) return value;
    throw new AppError("invalid-input", `Document ${index + 1} of the patch is not a mapping.`);
  });
  if (!contractAtLeast(options.contract, "1.14")) refuseDuplicates(patchDocuments, "The patch");
  return patchDocuments.reduce((config, document) => applyDocument(config, document, options), documents);
}

function applyJson(documents: MachineConfigDocument[], patch: YamlValue): MachineConfigDocument[] {
  const operations = parseJsonPatch(patch);
  const [only] = documents;
  if (documents.length !== 1 || !only) {
    throw new AppError("invalid-input", "JSON patches work only on configs of one document; this one has several.", {
      hint: "Write a strategic merge patch instead: the part of the config that should change, as YAML.",
    });
  }
  const patched = applyJsonPatch(only, operations);
  if (!isYamlMap(patched)) throw new AppError("invalid-input", "The JSON patch leaves no machine config.");
  return [patched];
}

function applyDocument(
  config: MachineConfigDocument[],
  document: MachineConfigDocument,
  { contract }: PatchOptions,
): MachineConfigDocument[] {
  const id = identify(document);
  const { deletions, rest } = takeDeletions(document);
  const documents = [...config];
  const position = () => documents.findIndex((candidate) => sameDocument(documentId(candidate), id));
  for (const deletion of deletions) {
    const index = position();
    const found = documents[index];
    if (!found) {
      // Talos 1.14 skips it; earlier releases put the deletion itself into the config, which no node accepts.
      if (contractAtLeast(contract, "1.14")) continue;
      throw new AppError(
        "invalid-input",
        `The patch deletes from ${documentLabel(id)}, which the config does not have.`,
      );
    }
    const left = applyDeletion(found, deletion, id.kind);
    documents.splice(index, 1, ...(left === null ? [] : [left]));
  }
  if (rest === null) return documents;
  const decoded = decodeDocument(rest);
  const index = position();
  const found = documents[index];
  if (found) documents[index] = mergeDocument(found, decoded, id.kind, contract);
  else documents.push(decoded);
  return documents;
}

function identify(document: MachineConfigDocument): ReturnType<typeof documentId> {
  if (isLegacyDocument(document)) {
    if (
      !legacyKeys.some((key) => Object.hasOwn(document, key)) &&
      !("version" in document && Object.keys(document).length === 1)
    ) {
      throw new AppError(
        "invalid-input",
        "The patch says neither a kind nor machine or cluster, so that it cannot be told what it is for.",
        {
          hint: "Start it with machine: or cluster:, or with apiVersion: and kind: of a document.",
        },
      );
    }
  } else if (typeof document.apiVersion !== "string") {
    throw new AppError("invalid-input", `The patch for ${documentLabel(documentId(document))} lacks apiVersion.`, {
      hint: "Add apiVersion: v1alpha1.",
    });
  }
  return documentId(document);
}

function refuseDuplicates(documents: readonly MachineConfigDocument[], what: string): void {
  const seen = new Set<string>();
  for (const document of documents) {
    const label = documentLabel(documentId(document));
    if (seen.has(label))
      throw new AppError("invalid-input", `${what} has the document ${label} twice.`, {
        hint: "Merge the two into one.",
      });
    seen.add(label);
  }
}

/** What Talos changes as it reads: leading line breaks of inline manifests go (v1alpha1_types.go ClusterInlineManifests). */
function decodeDocument(document: MachineConfigDocument): MachineConfigDocument {
  const { cluster } = document;
  if (!isLegacyDocument(document) || !isYamlMap(cluster) || !isYamlSequence(cluster.inlineManifests)) return document;
  const inlineManifests = cluster.inlineManifests.map((manifest) =>
    isYamlMap(manifest) && typeof manifest.contents === "string"
      ? { ...manifest, contents: manifest.contents.replace(/^[\t\n\v\f\r]+/, "") }
      : manifest,
  );
  return { ...document, cluster: { ...cluster, inlineManifests } };
}
