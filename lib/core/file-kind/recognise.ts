/** Files that people have beside each other in a repository of a Talos cluster. */
export type FileKind =
  | "talosconfig"
  | "kubeconfig"
  | "secrets-bundle"
  | "schematic"
  | "machine-config"
  | "json-patch"
  | "omni-template"
  | "omni-resource"
  | "talhelper"
  | "topf"
  | "tuppr"
  | "kubernetes"
  | "sops"
  | "sops-rules";

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : null;
const has = (members: Members, ...keys: string[]): boolean => keys.every((key) => Object.hasOwn(members, key));
const hasOnly = (members: Members, keys: readonly string[]): boolean => {
  const own = Object.keys(members);
  return own.length > 0 && own.every((key) => keys.includes(key));
};
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const itemsOf = (value: unknown): Members[] =>
  Array.isArray(value) ? value.map(membersOf).filter((item) => item !== null) : [];

const omniKinds = ["Cluster", "ControlPlane", "Workers", "Machine"];
const sopsKeys = ["mac", "lastmodified", "version", "age", "pgp", "kms"];

type Rule = readonly [kind: FileKind, is: (members: Members) => boolean];

// In order: what is certain first. Formats: talhelper pkg/config (v3.1), topf pkg/config (0.5), Omni client/pkg/template (2026-08).
const rules: readonly Rule[] = [
  ["sops", ({ sops }) => Object.keys(membersOf(sops) ?? {}).some((key) => sopsKeys.includes(key))],
  ["sops-rules", (members) => has(members, "creation_rules")],
  ["tuppr", ({ apiVersion }) => textOf(apiVersion).startsWith("tuppr.home-operations.com/")],
  [
    "kubeconfig",
    ({ apiVersion, kind, clusters, users, contexts }) =>
      (textOf(kind) === "Config" && apiVersion === "v1") ||
      (Array.isArray(clusters) && Array.isArray(users) && Array.isArray(contexts)),
  ],
  ["omni-resource", ({ metadata }) => textOf(membersOf(metadata)?.type).endsWith(".omni.sidero.dev")],
  [
    "kubernetes",
    ({ apiVersion, kind, metadata }) =>
      textOf(kind) !== "" &&
      (textOf(apiVersion).includes("/") || (apiVersion === "v1" && (membersOf(metadata) !== null || kind === "List"))),
  ],
  ["omni-template", ({ apiVersion, kind }) => apiVersion === undefined && omniKinds.includes(textOf(kind))],
  [
    "machine-config",
    ({ apiVersion, kind, version, machine, cluster }) =>
      (apiVersion === "v1alpha1" && textOf(kind) !== "") ||
      membersOf(machine) !== null ||
      (version === "v1alpha1" && membersOf(cluster) !== null),
  ],
  ["talosconfig", ({ contexts }) => membersOf(contexts) !== null],
  ["secrets-bundle", (members) => has(members, "certs", "trustdinfo") || has(members, "certs", "secrets")],
  ["schematic", (members) => hasOnly(members, ["customization", "overlay", "owner"])],
  [
    "topf",
    (members) => has(members, "clusterEndpoint") || itemsOf(members.nodes).some((node) => has(node, "host", "role")),
  ],
  [
    "talhelper",
    (members) =>
      has(members, "clusterName", "nodes") || itemsOf(members.nodes).some((node) => has(node, "hostname", "ipAddress")),
  ],
];

const isJsonPatch = (value: unknown): boolean => {
  const items = itemsOf(value);
  return items.length > 0 && items.every((item) => has(item, "op", "path"));
};

/** What one document of a file is, by its members; null where it cannot be told. */
export function fileKindOf(document: unknown): FileKind | null {
  if (isJsonPatch(document)) return "json-patch";
  const members = membersOf(document);
  return (members && rules.find(([, is]) => is(members))?.[0]) ?? null;
}

/** The kind of a Kubernetes manifest, for a sentence: `Deployment`; empty where it has none that can be shown. */
export const manifestKind = (document: unknown): string =>
  /^[A-Za-z]{1,60}$/.exec(textOf(membersOf(document)?.kind))?.[0] ?? "";

/** What a text is that is no YAML: recognised by how it begins. */
export function plainTextKind(text: string): string | null {
  const start = text.slice(0, 2_000).trimStart();
  if (/^<!doctype html|^<html/i.test(start)) return "an HTML page";
  if (start.startsWith("PK\u0003\u0004") || start.startsWith("\u001f\u008b")) return "an archive";
  if (start.startsWith("\u0000GITCRYPT") || text.startsWith("\u0000GITCRYPT"))
    return "a file that git-crypt has locked";
  if (/^-----BEGIN [A-Z ]+-----/.test(start)) return "a PEM text";
  if (/^(?:age-encryption\.org\/v1|AGE-SECRET-KEY-)/.test(start)) return "an age file";
  if (start.startsWith("$ANSIBLE_VAULT;")) return "a file that Ansible Vault has encrypted";
  if (/^(?:resource|data|provider|variable|module|terraform|locals|output)\b[^\n:]*\{\s*$/m.test(start))
    return "a Terraform file";
  return null;
}
