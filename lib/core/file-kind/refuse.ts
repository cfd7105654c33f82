import { AppError } from "@/lib/core/errors";
import { fileKindOf, manifestKind, plainTextKind, type FileKind } from "@/lib/core/file-kind/recognise";

const names: Record<FileKind, string> = {
  talosconfig: "a talosconfig",
  kubeconfig: "a kubeconfig",
  "secrets-bundle": "a secrets bundle",
  schematic: "an Image Factory schematic",
  "machine-config": "a Talos machine config",
  "json-patch": "a JSON patch",
  "omni-template": "an Omni cluster template",
  "omni-resource": "a resource of Omni",
  talhelper: "talhelper's talconfig.yaml",
  topf: "topf's topf.yaml",
  tuppr: "a resource of tuppr",
  kubernetes: "a Kubernetes manifest",
  sops: "a file encrypted with SOPS",
  "sops-rules": "the settings of SOPS (.sops.yaml)",
};

/** The texts that Ichor takes. */
export type Door = "talosconfig" | "secrets-bundle" | "schematic" | "machine-config" | "patch";

const doors: Record<Door, { name: string; takes: readonly FileKind[]; hint: string }> = {
  talosconfig: {
    name: "a talosconfig",
    takes: ["talosconfig"],
    hint: "Give the talosconfig that talosctl uses, by default ~/.talos/config.",
  },
  "secrets-bundle": {
    name: "a secrets bundle",
    takes: ["secrets-bundle"],
    hint: "Give the secrets.yaml that talosctl gen secrets writes, or talhelper's decrypted talsecret.yaml.",
  },
  schematic: {
    name: "an Image Factory schematic",
    takes: ["schematic"],
    hint: "A schematic starts with customization: or overlay:.",
  },
  "machine-config": {
    name: "a Talos machine config",
    takes: ["machine-config"],
    hint: "Give the config of one node, as talosctl gen config or talosctl get machineconfig -o yaml gives it.",
  },
  patch: {
    name: "a patch of a machine config",
    takes: ["machine-config", "json-patch"],
    hint: "A patch has the parts of the machine config that should change: machine:, cluster:, or a document with its kind.",
  },
};

/** What turns a file of another tool into what is wanted; where nothing is said, the door's own hint stands. */
const ways: Partial<Record<FileKind, string>> = {
  sops: "Decrypt it first: sops -d FILE, then give the result.",
  talhelper: "Run talhelper genconfig, then give what it writes to clusterconfig/.",
  topf: "Run topf render, then give what it writes.",
  "omni-template": "Omni makes the configs of its machines itself; a cluster of Omni is managed there.",
};

/** Where the two belong together, what leads from one to the other. */
const pairs: Partial<Record<`${FileKind}>${Door}`, string>> = {
  "machine-config>secrets-bundle":
    "The secrets can be taken out of a control plane of the cluster instead of a file; else give the secrets.yaml of talosctl gen secrets.",
  "secrets-bundle>talosconfig": "talosctl gen config --with-secrets makes a talosconfig from it.",
  "talosconfig>secrets-bundle": "Import the cluster with the talosconfig first, then its secrets.",
  "schematic>patch": "A schematic is part of the image, not of the config: give it under Images.",
  "schematic>machine-config": "A schematic is part of the image, not of the config: give it under Images.",
};

const known = (document: unknown, kind: FileKind): string => {
  const manifest = kind === "kubernetes" || kind === "tuppr" ? manifestKind(document) : "";
  return manifest === "" ? names[kind] : `${names[kind]} (${manifest})`;
};

/**
 * Refuses a file that was given at the wrong place, by its name.
 *
 * @param documents the documents of the text as plain values.
 * @throws AppError `invalid-input`: “This is a kubeconfig, not a talosconfig.” What cannot be told passes.
 */
export function refuseOtherFile(documents: readonly unknown[], door: Door): void {
  const { name, takes, hint } = doors[door];
  for (const document of documents) {
    const kind = fileKindOf(document);
    if (kind === null || takes.includes(kind)) continue;
    const way =
      pairs[`${kind}>${door}`] ??
      (door === "machine-config" || door === "patch" || kind === "sops" ? ways[kind] : undefined);
    const message =
      kind === "sops"
        ? `This is ${name} encrypted with SOPS: its values cannot be read.`
        : `This is ${known(document, kind)}, not ${name}.`;
    throw new AppError("invalid-input", message, { hint: way ?? hint });
  }
}

/** As `refuseOtherFile`, for a text that is no YAML mapping at all: an HTML page, a script, a key. */
export function refusePlainText(text: string, door: Door): void {
  const kind = plainTextKind(text);
  if (kind !== null)
    throw new AppError("invalid-input", `This is ${kind}, not ${doors[door].name}.`, { hint: doors[door].hint });
}
