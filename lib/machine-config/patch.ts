import { AppError } from "@/lib/core/errors";
import { refuseOtherFile, refusePlainText } from "@/lib/core/file-kind/refuse";
import { isYamlSequence } from "@/lib/core/go-yaml";
import { parseFilledYamlNodes, readingYaml } from "@/lib/core/yaml";
import { memberOf, type YamlMapNode, type YamlNode } from "@/lib/core/yaml-node";
import { isNullScalar, resolveUntyped } from "@/lib/core/yaml-untyped";
import { listExpected } from "@/lib/machine-config/decode/decode-value";
import { decodeRefusal, kindOf, readDocument } from "@/lib/machine-config/decode/decode-document";
import {
  configTrees,
  documentId,
  documentLabel,
  encodeMachineConfig,
  isLegacyDocument,
  isYamlMap,
  sameDocument,
  type DocumentId,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import { applyDeletion, takeDeletions } from "@/lib/machine-config/patch-delete";
import { applyJsonPatch, readJsonPatch } from "@/lib/machine-config/patch-json";
import { jsonOfYaml, yamlOfJson } from "@/lib/machine-config/patch-json-text";
import { refuseUncopied } from "@/lib/machine-config/patch-uncopied";
import { mergeDocument } from "@/lib/machine-config/patch-merge";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

export type PatchOptions = { contract: VersionContract };

const legacyKeys = ["apiVersion", "machine", "cluster", "debug", "persist"];

/**
 * Applies patches to a machine config, as `talosctl machineconfig patch` does: strategic merge patches (YAML documents, `$patch: delete`) and
 * JSON patches (only for configs of one document), in order. Returns the config as YAML; comments are lost, and all else that no patch
 * touches stays what it is to Talos.
 *
 * @throws AppError `invalid-input` naming the patch (counted from 1) and what is wrong with it; `fields` has its index. Values are never quoted.
 */
export function applyPatches(config: string, patches: readonly string[], options: PatchOptions): string {
  const what = "The machine config";
  const trees = configTrees(config, what);
  const documents = trees.map((tree) => readDocument(tree, options.contract, what).document);
  return encodeMachineConfig(applyAll({ documents, trees, broken: null }, patches, options));
}

/** As `applyPatches`, on documents. */
export const applyPatchesToDocuments = (
  documents: readonly MachineConfigDocument[],
  patches: readonly string[],
  options: PatchOptions,
): MachineConfigDocument[] => applyAll({ documents, trees: null, broken: null }, patches, options);

/** A config between two patches. */
type Config = {
  documents: readonly MachineConfigDocument[];
  /** There as long as no patch has changed it: JSON patches read the text itself. */
  trees: readonly YamlMapNode[] | null;
  /** What Talos cannot read in the result of a JSON patch: it is for the check of the config to name, unless another patch follows. */
  broken: AppError | null;
};

function applyAll(given: Config, patches: readonly string[], options: PatchOptions): MachineConfigDocument[] {
  let config: Config = { ...given, documents: given.documents.map(decodeManifests) };
  refuseDuplicates(config.documents.map(documentId), "The machine config");
  patches.forEach((patch, index) => {
    try {
      config = applyPatch(config, patch, options);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, patches.length === 1 ? error.message : `Patch ${index + 1}: ${error.message}`, {
        fields: { [`patches.${index}`]: error.message },
        cause: error.cause,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  });
  return [...config.documents];
}

function applyPatch(config: Config, patch: string, options: PatchOptions): Config {
  const what = "The patch";
  refusePlainText(patch, "patch");
  const trees = parseFilledYamlNodes(patch, { what });
  refuseOtherFile(
    readingYaml(what, () => trees.map((tree) => resolveUntyped(tree))),
    "patch",
  );
  const [first] = trees;
  if (trees.length === 1 && first?.kind === "list") return applyJson(config, patch, first, options);
  const maps = trees.map((tree, index) => {
    if (tree.kind === "map") return tree;
    throw new AppError("invalid-input", `Document ${index + 1} of the patch is not a mapping.`);
  });
  if (!contractAtLeast(options.contract, "1.14")) refuseDuplicates(maps.map(identify), what);
  if (config.broken) throw config.broken;
  const documents = maps.reduce((patched, map) => applyDocument(patched, map, options), config.documents);
  return { documents, trees: null, broken: null };
}

function applyJson({ documents, trees }: Config, patch: string, list: YamlNode, { contract }: PatchOptions): Config {
  const operations = readJsonPatch(patch, list);
  if (documents.length !== 1) {
    throw new AppError("invalid-input", "JSON patches work only on configs of one document; this one has several.", {
      hint: "Write a strategic merge patch instead: the part of the config that should change, as YAML.",
    });
  }
  const [only] = trees ?? configTrees(encodeMachineConfig(documents));
  if (!only) throw new AppError("invalid-input", "There is no config to patch.");
  const patched = yamlOfJson(applyJsonPatch(jsonOfYaml(only), operations));
  if (patched.kind !== "map") throw new AppError("invalid-input", "The JSON patch leaves no machine config.");
  const { document, issues } = readDocument(patched, contract, "The patched config");
  const [issue] = issues;
  const broken = issue ? decodeRefusal("The patched config", issue) : null;
  return { documents: [decodeManifests(document)], trees: null, broken };
}

function applyDocument(
  config: readonly MachineConfigDocument[],
  map: YamlMapNode,
  { contract }: PatchOptions,
): MachineConfigDocument[] {
  const id = identify(map);
  const { deletions, rest } = takeDeletions(map);
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
  const { document, issues } = readDocument(rest, contract, "The patch");
  // A dash without a space makes a text or a mapping of a list: the check of the config says so better than a refusal here.
  const issue = issues.find(({ problem }) => problem !== listExpected);
  if (issue) throw decodeRefusal("The patch", issue);
  refuseUncopied(document, "The patch");
  config.forEach((other) => refuseUncopied(other, "The machine config"));
  const decoded = decodeManifests(document);
  const index = position();
  const found = documents[index];
  if (found) documents[index] = mergeDocument(found, decoded, id.kind, contract);
  else documents.push(decoded);
  return documents;
}

const scalarOf = (map: YamlMapNode, name: string): string | null => {
  const found = memberOf(map, name);
  return found?.kind === "scalar" && !isNullScalar(found) ? found.text : null;
};

function identify(map: YamlMapNode): DocumentId {
  const kind = kindOf(map);
  const keys = map.members.map(({ key }) => (key.kind === "scalar" ? key.text : ""));
  if (kind === "") {
    if (!keys.some((key) => legacyKeys.includes(key)) && keys.join() !== "version") {
      throw new AppError(
        "invalid-input",
        "The patch says neither a kind nor machine or cluster, so that it cannot be told what it is for.",
        {
          hint: "Start it with machine: or cluster:, or with apiVersion: and kind: of a document.",
        },
      );
    }
    return { apiVersion: "", kind: "", name: "" };
  }
  const id = { apiVersion: scalarOf(map, "apiVersion"), kind, name: scalarOf(map, "name") ?? "" };
  if (id.apiVersion === null) {
    throw new AppError("invalid-input", `The patch for ${documentLabel({ ...id, apiVersion: "" })} lacks apiVersion.`, {
      hint: "Add apiVersion: v1alpha1.",
    });
  }
  return { ...id, apiVersion: id.apiVersion };
}

function refuseDuplicates(ids: readonly DocumentId[], what: string): void {
  const seen = new Set<string>();
  for (const id of ids) {
    const label = documentLabel(id);
    if (seen.has(label))
      throw new AppError("invalid-input", `${what} has the document ${label} twice.`, {
        hint: "Merge the two into one.",
      });
    seen.add(label);
  }
}

/** What Talos changes as it reads: leading line breaks of inline manifests go (v1alpha1_types.go ClusterInlineManifests). */
function decodeManifests(document: MachineConfigDocument): MachineConfigDocument {
  const { cluster } = document;
  if (!isLegacyDocument(document) || !isYamlMap(cluster) || !isYamlSequence(cluster.inlineManifests)) return document;
  const inlineManifests = cluster.inlineManifests.map((manifest) =>
    isYamlMap(manifest) && typeof manifest.contents === "string"
      ? { ...manifest, contents: manifest.contents.replace(/^[\t\n\v\f\r]+/, "") }
      : manifest,
  );
  return { ...document, cluster: { ...cluster, inlineManifests } };
}
