import {
  documentId,
  documentLabel,
  isYamlMap,
  valueAt,
  type MachineConfigDocument,
} from "@/lib/machine-config/documents";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import { z } from "zod";

const reservedKubeletKeys = (
  "apiVersion authentication authorization cgroupRoot kind kubeletCgroups port protectKernelDefaults resolvConf rotateCertificates " +
  "systemCgroups staticPodPath seccompDefault"
).split(" ");

type Check = (document: MachineConfigDocument) => { field: string; message: string }[];

const filled = (document: MachineConfigDocument, ...path: string[]): boolean => {
  const value = valueAt(document, path);
  return value !== undefined && value !== null && value !== "";
};

const named: Check = (document) =>
  filled(document, "name") ? [] : [{ field: "name", message: "The document needs a name." }];

// Rules of single documents (their Validate methods in pkg/machinery/config/types).
const checks: Record<string, Check[]> = {
  HostnameConfig: [
    (document) => {
      const auto = valueAt(document, ["auto"]);
      const automatic = auto !== undefined && auto !== null && auto !== "off";
      if (automatic && filled(document, "hostname")) {
        return [{ field: "auto", message: 'A fixed hostname needs auto to be "off".' }];
      }
      return automatic || filled(document, "hostname")
        ? []
        : [{ field: "hostname", message: "Neither auto nor a hostname is set." }];
    },
  ],
  UnattendedInstallConfig: [
    (document) =>
      filled(document, "provisioning", "diskSelector", "match")
        ? []
        : [
            {
              field: "provisioning.diskSelector.match",
              message: "The disk to install to is not selected; a patch that leaves it out erases it.",
            },
          ],
  ],
  KubeletConfig: [
    (document) => {
      const config = valueAt(document, ["config"]);
      const used = isYamlMap(config) ? reservedKubeletKeys.filter((key) => Object.hasOwn(config, key)) : [];
      return used.map((key) => ({ field: `config.${key}`, message: "Talos sets this field of the kubelet itself." }));
    },
  ],
  DiscoveryIdentityConfig: [
    (document) =>
      /^[A-Za-z0-9+/]{43}=$/.test(String(valueAt(document, ["clusterSecret"]) ?? ""))
        ? []
        : [{ field: "clusterSecret", message: "The cluster's secret has to be 32 bytes in base64." }],
  ],
  Layer2VIPConfig: [
    (document) =>
      z.union([z.ipv4(), z.ipv6()]).safeParse(document.name).success
        ? []
        : [{ field: "name", message: "The name is the virtual address." }],
    (document) =>
      filled(document, "link") ? [] : [{ field: "link", message: "The link that carries the address is missing." }],
  ],
  LinkAliasConfig: [
    (document) =>
      filled(document, "selector", "match")
        ? []
        : [{ field: "selector.match", message: "The expression that selects the link is missing." }],
  ],
  KernelModuleConfig: [named],
  RegistryMirrorConfig: [named],
  VolumeConfig: [named],
  UserVolumeConfig: [named],
  ExtensionServiceConfig: [named],
};

/** What is wrong inside one document. */
export function documentIssues(document: MachineConfigDocument): ConfigIssue[] {
  const id = documentId(document);
  const label = documentLabel(id);
  return (checks[id.kind] ?? [])
    .flatMap((check) => check(document))
    .map(({ field, message }) => ({ severity: "error" as const, path: `${label}.${field}`, message }));
}
