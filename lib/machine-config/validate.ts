import { ownEntry } from "@/lib/core/own-entry";
import { memberOf, type YamlMapNode, type YamlNode } from "@/lib/core/yaml-node";
import { parseFilledYamlNodes } from "@/lib/core/yaml";
import { decodeIssues } from "@/lib/machine-config/check/decode";
import { isNullScalar } from "@/lib/machine-config/check/scalar";
import { ConfigView } from "@/lib/machine-config/check/view";
import { kindSince, knowsKind } from "@/lib/machine-config/document-kinds";
import { encodeMachineConfig, parseMachineConfig, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { legacyKind } from "@/lib/machine-config/fields/field-at";
import { fieldTable } from "@/lib/machine-config/fields/table";
import { rulesByKind } from "@/lib/machine-config/rules/by-kind";
import { legacyDocument, machineType } from "@/lib/machine-config/rules/legacy";
import type { RuleContext } from "@/lib/machine-config/rules/rule";
import { wholeConfigRules } from "@/lib/machine-config/rules/whole-config";
import { contractOfTalosVersion, type VersionContract } from "@/lib/machine-config/schema";
import { unrenderedIssues } from "@/lib/machine-config/unrendered-fields";
import type { CheckedBy, ConfigIssue, RuntimeMode } from "@/lib/machine-config/validate-schema";

export type ValidateOptions = {
  contract: VersionContract;
  /** `1.13.2` or `v1.13.2`: the release of the node, where it is known and a patch release decides. */
  release?: string | undefined;
  /** `metal` where nothing else is known: a machine that Talos has to be installed on. */
  mode?: RuntimeMode | undefined;
};

type Document = { node: YamlMapNode; kind: string; apiVersion: string; label: string };

/**
 * Checks a config by the fields of the release (every key, every type) and by Talos' own rules, as `talosctl validate` does: what an error is
 * said about, Talos refuses. A warning is what Talos takes and complains about, or what will not do what it says. The node has the last word:
 * it alone knows its disks and links. Messages never hold a value of the config.
 *
 * @throws AppError `invalid-input` for text that is not YAML, or a document that is no mapping.
 */
export function validateConfigText(text: string, asked: ValidateOptions): ConfigIssue[] {
  const options = { ...asked, contract: contractFor(asked) };
  const trees = parseFilledYamlNodes(text, { what: "The machine config" });
  // Refuses, with a sentence, what is no mapping.
  const values = parseMachineConfig(text);
  const documents = trees.filter((tree) => tree.kind === "map").map(describe);
  const legacy = documents.find(({ kind }) => kind === "");
  if (!legacy)
    return [{ severity: "error", path: "", message: "The config has no v1alpha1 document with machine and cluster." }];
  const marks = unrenderedIssues(values);
  const issues = [...kindIssues(documents, options.contract), ...fieldIssues(documents, options.contract)];
  ruleIssues(documents, legacy, options, issues);
  return merged([...marks, ...issues]);
}

/** `validateConfigText` for documents that are about to be written. */
export const validateMachineConfig = (
  documents: readonly MachineConfigDocument[],
  contract: VersionContract,
  options: Omit<ValidateOptions, "contract"> = {},
): ConfigIssue[] => validateConfigText(encodeMachineConfig(documents), { ...options, contract });

/** A node's release says more than the contract of its config, which stays when the node is upgraded. */
const contractFor = ({ contract, release }: ValidateOptions): VersionContract =>
  release === undefined ? contract : contractOfTalosVersion(release);

/** What `validateConfigText` compares a config with. */
export const checkedBy = (options: ValidateOptions): CheckedBy => ({
  fields: fieldTable(contractFor(options)).machinery,
  rules: options.release?.replace(/^v/, "") ?? options.contract,
  mode: options.mode ?? "metal",
  limits: "The node has the last word: it alone knows its disks, its links and the Kubernetes that it can run.",
});

const isNothing = (tree: YamlNode): boolean => tree.kind === "scalar" && isNullScalar(tree);

const scalarText = (node: YamlNode | undefined): string =>
  node?.kind === "scalar" && !isNothing(node) ? node.text : "";

function describe(node: YamlMapNode): Document {
  const [kind, apiVersion, name] = ["kind", "apiVersion", "name"].map((key) => scalarText(memberOf(node, key)));
  const label = kind ? (name ? `${kind}/${name}` : kind) : legacyKind;
  return { node, kind: kind ?? "", apiVersion: apiVersion ?? "", label };
}

const join = (label: string, path: readonly string[]): string =>
  (label === legacyKind ? path : [label, ...path]).join(".");

function kindIssues(documents: readonly Document[], contract: VersionContract): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const error = (path: string, message: string) => issues.push({ severity: "error", path, message });
  for (const { kind, label, apiVersion } of documents) {
    if (kind === "") continue;
    const since = kindSince(kind);
    if (since === undefined) error(label, "No Talos release up to 1.14 has this kind of document.");
    else if (!knowsKind(contract, kind))
      error(label, `Talos ${contract} does not know this kind of document; ${since} is the first that does.`);
    if (apiVersion !== "v1alpha1") error(`${label}.apiVersion`, "The apiVersion has to be v1alpha1.");
  }
  if (documents.filter(({ kind }) => kind === "").length > 1) error("", "The config has the v1alpha1 document twice.");
  return issues;
}

function fieldIssues(documents: readonly Document[], contract: VersionContract): ConfigIssue[] {
  return documents.flatMap(({ node, kind, label }) =>
    decodeIssues(kind === "" ? legacyKind : kind, node, contract).map(({ path, message }): ConfigIssue => ({
      severity: "error",
      path: join(label, path),
      message,
    })),
  );
}

function ruleIssues(
  documents: readonly Document[],
  legacy: Document,
  options: ValidateOptions,
  issues: ConfigIssue[],
): void {
  const context = ruleContext(options);
  const view = new ConfigView(legacy.node, "", issues);
  legacyDocument(view, context);
  const others = documents
    .filter(({ kind }) => kind !== "")
    .map(({ node, kind, label }) => ({ kind, label, view: new ConfigView(node, label, issues) }));
  for (const { kind, view: part } of others)
    if (knowsKind(options.contract, kind)) ownEntry(rulesByKind, kind)?.(part, context);
  wholeConfigRules({ legacy: view, documents: others, type: machineType(view) }, context);
}

function ruleContext({ contract, release, mode = "metal" }: ValidateOptions): RuleContext {
  const known = /^v?(\d+)\.(\d+)\.(\d+)/.exec(release ?? "");
  const [, major = "1", minor = contract.slice(2), patch = "99"] = known ?? [];
  const own = [Number(major), Number(minor), Number(patch)];
  return {
    contract,
    mode,
    isAtLeast(wanted) {
      const parts = wanted.split(".").map(Number);
      for (const [index, mine] of own.entries()) if (mine !== (parts[index] ?? 0)) return mine > (parts[index] ?? 0);
      return true;
    },
  };
}

/** One error for each place: a mark that was not filled in says more than what Talos thinks of it, and the decoder more than a rule. */
function merged(issues: readonly ConfigIssue[]): ConfigIssue[] {
  const seen = new Set<string>();
  return issues.filter(({ severity, path }) => {
    if (severity === "warning") return true;
    const known = path !== "" && seen.has(path);
    seen.add(path);
    return !known;
  });
}
