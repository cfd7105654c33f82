import { parseAllDocuments } from "yaml";
import { z } from "zod";

/** What a machine config says that matters to the simulated node. */
export type ConfigFacts = {
  type: "controlplane" | "worker";
  hostname: string | null;
  /** How it is made where the config gives none. */
  autoHostname: "stable" | "addr" | "off";
  clusterName: string | null;
  clusterId: string | null;
  installImage: string | null;
  installDisk: string | null;
  /** Of UnattendedInstallConfig, which has a controller install and not the install sequence; null without one. */
  unattended: { image: string; reboot: boolean } | null;
  modules: string[];
  osCa: { crt: string; key: string } | null;
  hasV1Alpha1: boolean;
};

/** A config that a node refuses; the message is what the node says. */
export class InvalidConfig extends Error {
  override readonly name = "InvalidConfig";
}

const pair = z.object({ crt: z.string().optional(), key: z.string().optional() }).nullish();
const v1alpha1 = z.looseObject({
  version: z.literal("v1alpha1"),
  machine: z.looseObject({
    type: z.enum(["controlplane", "worker", "init"]),
    token: z.string().optional(),
    ca: pair,
    network: z.looseObject({ hostname: z.string().optional() }).nullish(),
    features: z.looseObject({ stableHostname: z.boolean().optional() }).nullish(),
    install: z.looseObject({ image: z.string().optional(), disk: z.string().optional() }).nullish(),
    kernel: z.looseObject({ modules: z.array(z.looseObject({ name: z.string() })).nullish() }).nullish(),
  }),
  cluster: z.looseObject({ id: z.string().optional(), clusterName: z.string().optional() }).nullish(),
});
const named = z.looseObject({ apiVersion: z.literal("v1alpha1"), kind: z.string() });
const kernelModule = z.looseObject({ kind: z.literal("KernelModuleConfig"), name: z.string() });
// The documents that took over parts of the v1alpha1 one.
const hostnameDocument = z.looseObject({
  kind: z.literal("HostnameConfig"),
  hostname: z.string().optional(),
  auto: z.enum(["stable", "off"]).optional(),
});
const clusterDocument = z.looseObject({ kind: z.literal("KubeClusterConfig"), clusterName: z.string().optional() });
const identityDocument = z.looseObject({ kind: z.literal("DiscoveryIdentityConfig"), clusterID: z.string() });
const installDocument = z.looseObject({
  kind: z.literal("UnattendedInstallConfig"),
  reboot: z.boolean().nullish(),
  installer: z.looseObject({ image: z.string().optional() }).nullish(),
});

/** Reads the documents of a machine config. Throws InvalidConfig for what no node would load. */
export function configFacts(text: string): ConfigFacts {
  const facts: ConfigFacts = {
    type: "worker",
    hostname: null,
    autoHostname: "addr",
    clusterName: null,
    clusterId: null,
    installImage: null,
    installDisk: null,
    unattended: null,
    modules: [],
    osCa: null,
    hasV1Alpha1: false,
  };
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0)
      throw new InvalidConfig(`error decoding document: ${document.errors[0]?.message ?? "yaml"}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    readDocument(value, facts);
  }
  return facts;
}

function readNewer(value: object, facts: ConfigFacts): void {
  const hostname = hostnameDocument.safeParse(value);
  if (hostname.success) {
    facts.hostname = hostname.data.hostname ?? facts.hostname;
    facts.autoHostname = hostname.data.auto ?? facts.autoHostname;
  }
  facts.clusterName = clusterDocument.safeParse(value).data?.clusterName ?? facts.clusterName;
  facts.clusterId = identityDocument.safeParse(value).data?.clusterID ?? facts.clusterId;
  const install = installDocument.safeParse(value).data;
  if (!install) return;
  const image = install.installer?.image ?? "";
  if (image !== "") facts.installImage = image;
  // Without a word on it, it reboots into an image that the config names (unattended_install.go shouldReboot).
  facts.unattended = { image, reboot: install.reboot ?? image !== "" };
}

function readDocument(value: unknown, facts: ConfigFacts): void {
  if (typeof value === "object" && value !== null && "kind" in value) {
    const document = named.safeParse(value);
    if (!document.success)
      throw new InvalidConfig(
        `error decoding document: ${document.error.issues[0]?.message ?? "not a config document"}`,
      );
    const loaded = kernelModule.safeParse(value);
    if (loaded.success) facts.modules.push(loaded.data.name);
    readNewer(value, facts);
    return;
  }
  const parsed = v1alpha1.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InvalidConfig(
      `error decoding document v1alpha1: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a machine config"}`,
    );
  }
  const { machine, cluster } = parsed.data;
  facts.hasV1Alpha1 = true;
  facts.type = machine.type === "worker" ? "worker" : "controlplane";
  facts.hostname = machine.network?.hostname ?? facts.hostname;
  if (machine.features?.stableHostname) facts.autoHostname = "stable";
  facts.clusterName = cluster?.clusterName ?? facts.clusterName;
  facts.clusterId = cluster?.id ?? facts.clusterId;
  facts.installImage = machine.install?.image ?? facts.installImage;
  facts.installDisk = machine.install?.disk ?? null;
  facts.modules.push(...(machine.kernel?.modules ?? []).map(({ name }) => name));
  if (machine.ca?.crt) facts.osCa = { crt: machine.ca.crt, key: machine.ca.key ?? "" };
}
