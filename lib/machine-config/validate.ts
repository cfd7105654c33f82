import {
  documentId,
  documentLabel,
  isLegacyDocument,
  legacyDocument,
  valueAt,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import {
  conflictingFields,
  controlPlaneKinds,
  kindSince,
  knowsKind,
  linkKinds,
} from "@/lib/machine-config/document-kinds";
import type { VersionContract } from "@/lib/machine-config/schema";
import { unrenderedIssues } from "@/lib/machine-config/unrendered-fields";
import { documentIssues } from "@/lib/machine-config/validate-documents";
import { legacyIssues } from "@/lib/machine-config/validate-legacy";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";

/**
 * Checks a config by the rules of Talos that people trip over, for machines with disks (`talosctl validate --mode metal`): documents that the
 * release knows and that do not contradict each other, the install disk, keys that belong or do not belong to the role. It does not know
 * every field: the node has the last word. Messages never hold a value of the config.
 */
export function validateMachineConfig(
  documents: readonly MachineConfigDocument[],
  contract: VersionContract,
): ConfigIssue[] {
  const legacy = legacyDocument(documents);
  if (!legacy)
    return [{ severity: "error", path: "", message: "The config has no v1alpha1 document with machine and cluster." }];
  const role = valueAt(legacy, ["machine", "type"]) === "worker" ? "worker" : "controlplane";
  return [
    ...legacyIssues(legacy, documents, contract),
    ...documents
      .filter((document) => !isLegacyDocument(document))
      .flatMap((document) => kindIssues(document, role, contract)),
    ...conflicts(documents, legacy),
    ...duplicates(documents),
    ...documents.flatMap(documentIssues),
    ...unrenderedIssues(documents),
  ];
}

function kindIssues(document: MachineConfigDocument, role: string, contract: VersionContract): ConfigIssue[] {
  const id = documentId(document);
  const path = documentLabel(id);
  const since = kindSince(id.kind);
  const issues: ConfigIssue[] = [];
  if (since === undefined) {
    issues.push({ severity: "error", path, message: "No Talos release up to 1.14 has this kind of document." });
  } else if (!knowsKind(contract, id.kind)) {
    const message = `Talos ${contract} does not know this kind of document; ${since} is the first that does.`;
    issues.push({ severity: "error", path, message });
  }
  if (id.apiVersion !== "v1alpha1")
    issues.push({ severity: "error", path: `${path}.apiVersion`, message: "The apiVersion has to be v1alpha1." });
  if (role === "worker" && controlPlaneKinds.has(id.kind)) {
    issues.push({
      severity: "error",
      path,
      message: "This document belongs to control plane nodes only, and this is a worker.",
    });
  }
  return issues;
}

function conflicts(documents: readonly MachineConfigDocument[], legacy: MachineConfigDocument): ConfigIssue[] {
  return documents.flatMap((document) => {
    const id = documentId(document);
    const fields = [...(conflictingFields[id.kind] ?? []), ...resolverFields(document, id.kind)];
    return fields.flatMap((path) => {
      const value = valueAt(legacy, path.split("."));
      if (value === undefined || value === null || value === "" || value === 0) return [];
      if (path === "machine.features.stableHostname" && value === false) return [];
      const message = `${documentLabel(id)} sets this too; Talos accepts it in one place only.`;
      return [{ severity: "error" as const, path, message }];
    });
  });
}

const resolverFields = (document: MachineConfigDocument, kind: string): string[] =>
  kind !== "ResolverConfig"
    ? []
    : [
        ...["nameservers", "searchDomains", "disableSearchDomain"].map((field) => `machine.network.${field}`),
        ...(valueAt(document, ["hostDNS", "enabled"]) === undefined ? [] : ["machine.features.hostDNS"]),
      ];

function duplicates(documents: readonly MachineConfigDocument[]): ConfigIssue[] {
  const seen = new Set<string>();
  const links = new Map<string, string>();
  return documents.flatMap((document) => {
    const id = documentId(document);
    const path = documentLabel(id);
    if (seen.has(path)) return [{ severity: "error" as const, path, message: "The config has this document twice." }];
    seen.add(path);
    if (!linkKinds.has(id.kind)) return [];
    const other = links.get(id.name);
    links.set(id.name, path);
    return other === undefined
      ? []
      : [{ severity: "error" as const, path, message: `The same link is configured by ${other} too.` }];
  });
}
