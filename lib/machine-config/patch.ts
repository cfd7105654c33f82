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
  type DocumentId,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import { applyDeletions, takeDeletions } from "@/lib/machine-config/patch-delete";
import { readJsonPatch } from "@/lib/machine-config/patch-json";
import { applyJsonPatch } from "@/lib/machine-config/patch-json-apply";
import { jsonOfYaml, yamlOfJson } from "@/lib/machine-config/patch-json-text";
import { refuseUncopied } from "@/lib/machine-config/patch-uncopied";
import { PatchedDocuments } from "@/lib/machine-config/patched-documents";
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
  return encodeMachineConfig(applyAll(documents, trees, patches, options));
}

/** As `applyPatches`, on documents. */
export const applyPatchesToDocuments = (
  documents: readonly MachineConfigDocument[],
  patches: readonly string[],
  options: PatchOptions,
): MachineConfigDocument[] => applyAll(documents, null, patches, options);

/** A config between two patches. */
type Config = {
  documents: PatchedDocuments;
  /** There as long as no patch has changed it: JSON patches read the text itself. */
  trees: readonly YamlMapNode[] | null;
  /** What Talos cannot read in the result of a JSON patch: it is for the check of the config to name, unless another patch follows. */
  broken: AppError | null;
};

function applyAll(
  given: readonly MachineConfigDocument[],
  trees: readonly YamlMapNode[] | null,
  patches: readonly string[],
  options: PatchOptions,
): MachineConfigDocument[] {
  const documents = given.map(decodeManifests);
  refuseDuplicates(documents.map(documentId), "The machine config");
  let config: Config = { documents: new PatchedDocuments(documents), trees, broken: null };
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
  return config.documents.all();
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
  for (const map of maps) applyDocument(config.documents, map, options);
  return { documents: config.documents, trees: null, broken: null };
}

function applyJson({ documents, trees }: Config, patch: string, list: YamlNode, { contract }: PatchOptions): Config {
  const operations = readJsonPatch(patch, list);
  const all = documents.all();
  if (all.length !== 1) {
    throw new AppError("invalid-input", "JSON patches work only on configs of one document; this one has several.", {
      hint: "Write a strategic merge patch instead: the part of the config that should change, as YAML.",
    });
  }
  const [only] = trees ?? configTrees(encodeMachineConfig(all));
  if (!only) throw new AppError("invalid-input", "There is no config to patch.");
  const patched = yamlOfJson(applyJsonPatch(jsonOfYaml(only), operations));
  if (patched.kind !== "map") throw new AppError("invalid-input", "The JSON patch leaves no machine config.");
  const { document, issues } = readDocument(patched, contract, "The patched config");
  const [issue] = issues;
  const broken = issue ? decodeRefusal("The patched config", issue) : null;
  return { documents: new PatchedDocuments([decodeManifests(document)]), trees: null, broken };
}

/** Applies one document of a patch to the documents. */
function applyDocument(documents: PatchedDocuments, map: YamlMapNode, { contract }: PatchOptions): void {
  const id = identify(map);
  const { deletions, rest } = takeDeletions(map);
  // As they were before this patch took anything out.
  const before = rest === null ? [] : documents.unchecked();
  if (deletions.length > 0) {
    const found = documents.find(id);
    if (found) documents.change(id, (document, draft) => applyDeletions(document, deletions, id.kind, draft));
    // Talos 1.14 skips it; earlier releases put the deletion itself into the config, which no node accepts.
    else if (!contractAtLeast(contract, "1.14"))
      throw new AppError(
        "invalid-input",
        `The patch deletes from ${documentLabel(id)}, which the config does not have.`,
      );
  }
  if (rest === null) return;
  const { document, issues } = readDocument(rest, contract, "The patch");
  // A dash without a space makes a text or a mapping of a list: the check of the config says so better than a refusal here.
  const issue = issues.find(({ problem }) => problem !== listExpected);
  if (issue) throw decodeRefusal("The patch", issue);
  refuseUncopied(document, "The patch");
  before.forEach((other) => refuseUncopied(other, "The machine config"));
  documents.merge(id, decodeManifests(document), contract);
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
