import { LineCounter, parseAllDocuments } from "yaml";
import { emitGoYaml, type GoYamlInput } from "@/lib/core/go-yaml";
import { kindSince, knowsKind } from "@/lib/machine-config/document-kinds";
import { contractOfTalosVersion, type VersionContract } from "@/lib/machine-config/schema";
import { validateConfigText } from "@/lib/machine-config/validate";
import type { ConfigIssue, RuntimeMode } from "@/lib/machine-config/validate-schema";
import { InvalidConfig } from "./config-facts";

type Fields = Record<string, unknown>;

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

// Fields of the v1alpha1 document, two levels down (pkg/machinery/config/types/v1alpha1). Deeper ones are taken as they come.
const topFields = words("version debug persist machine cluster");
const innerFields: Readonly<Record<string, ReadonlySet<string>>> = {
  machine: words(
    `acceptedCAs baseRuntimeSpecOverrides ca certSANs controlPlane disks env features files install kernel kubelet logging
     network nodeAnnotations nodeLabels nodeTaints pods registries seccompProfiles sysctls sysfs systemDiskEncryption time
     token type udev`,
  ),
  cluster: words(
    `acceptedCAs adminKubeconfig aescbcEncryptionSecret aggregatorCA allowSchedulingOnControlPlanes
     allowSchedulingOnMasters apiServer ca clusterName controlPlane controllerManager coreDNS discovery etcd
     externalCloudProvider extraManifestHeaders extraManifests id inlineManifests network proxy scheduler secret
     secretboxEncryptionSecret serviceAccount token`,
  ),
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unknownFields(document: Fields): Fields {
  const found: Fields = {};
  for (const [key, value] of Object.entries(document)) {
    const known = innerFields[key];
    if (!topFields.has(key)) found[key] = value;
    else if (known && isFields(value)) {
      const inner = Object.entries(value).filter(([name]) => !known.has(name));
      if (inner.length > 0) found[key] = Object.fromEntries(inner.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  }
  return found;
}

/** What a document is called in Talos' words: version, kind and name. */
function checkDocument(document: Fields, line: number, contract: VersionContract): string {
  const text = (key: string) => (typeof document[key] === "string" ? document[key] : "");
  const legacy = !("kind" in document) && ["version", "machine", "cluster"].some((key) => key in document);
  const version = text("apiVersion");
  const kind = legacy ? "v1alpha1" : text("kind");
  const id = `${version}/${legacy || kind !== "" ? kind : "v1alpha1"}/${text("name")}`;
  const refuse = (why: string) => new InvalidConfig(`error decoding document ${id} (line ${line}): ${why}`);
  if (legacy) {
    const unknown = unknownFields(document);
    if (Object.keys(unknown).length > 0)
      throw refuse(`unknown keys found during decoding:\n${emitGoYaml(unknown as GoYamlInput)}`);
    return id;
  }
  if (kind === "") throw refuse("missing kind");
  if (version === "") throw refuse("missing apiVersion");
  if (version !== "v1alpha1" || kindSince(kind) === undefined || !knowsKind(contract, kind))
    throw refuse(`"${kind}" "${version}": not registered`);
  return id;
}

/** Talos' list of what is wrong (go-multierror). */
const listed = (problems: readonly string[]): string =>
  `${problems.length} error${problems.length === 1 ? "" : "s"} occurred:\n${problems.map((problem) => `\t* ${problem}\n`).join("")}\n`;

/**
 * Refuses a config that a node of this release does not take: what it cannot load in its own words, and what it would refuse then by
 * the rules that the product validates with. What it only complains about is returned.
 */
export function checkConfig(text: string, release: string, mode: RuntimeMode = "metal"): string[] {
  const contract = contractOfTalosVersion(release);
  const lines = new LineCounter();
  const seen = new Set<string>();
  for (const document of parseAllDocuments(text, { lineCounter: lines })) {
    if (document.errors.length > 0) throw new InvalidConfig(`decode error: ${document.errors[0]?.message ?? "yaml"}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    const { line } = lines.linePos(document.contents?.range?.[0] ?? 0);
    if (!isFields(value)) throw new InvalidConfig(`expected a YAML document at line ${line}`);
    const id = checkDocument(value, line, contract);
    if (seen.has(id)) throw new InvalidConfig(`duplicate document ${id} is not allowed (line ${line})`);
    seen.add(id);
  }
  if (seen.size === 0) throw new InvalidConfig("config not found");
  // Documents alone are a part of a config, which a machine in maintenance mode takes.
  if (![...seen].some((id) => id.includes("/v1alpha1/"))) return [];
  const said = ({ path, message }: ConfigIssue) => (path === "" ? message : `${path}: ${message}`);
  const issues = validateConfigText(text, { contract, release, mode });
  const errors = issues.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new InvalidConfig(listed(errors.map(said)));
  return issues.filter(({ severity }) => severity === "warning").map(said);
}
