import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";

/** What Talos 1.12 and 1.13 take over without a reboot (v1alpha1_runtime.go CanApplyImmediate); 1.14 takes everything. */
const live = ["debug", "cluster"];
const liveOfMachine = [
  "acceptedCAs",
  "ca",
  "certSANs",
  "controlPlane",
  "install",
  "kernel",
  "kubelet",
  "logging",
  "network",
  "nodeAnnotations",
  "nodeLabels",
  "nodeTaints",
  "pods",
  "registries",
  "seccompProfiles",
  "sysctls",
  "sysfs",
  "time",
];
const liveFeatures = ["hostDNS", "imageCache", "kubePrism", "kubernetesTalosAPIAccess", "nodeAddressSortAlgorithm"];

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const without = (value: unknown, keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fieldsOf(value)).filter(([key, member]) => !keys.includes(key) && member !== null));

/** The parts of the v1alpha1 document that a change of needs a reboot; the other documents never do. */
function fixedParts(text: string): unknown {
  const documents = parseAllDocuments(text).map((document) => fieldsOf(document.toJS()));
  const main = documents.find((document) => document.kind === undefined && document.machine !== undefined);
  const machine = fieldsOf(main?.machine);
  return {
    ...without(main, [...live, "machine"]),
    machine: { ...without(machine, [...liveOfMachine, "features"]), features: without(machine.features, liveFeatures) },
  };
}

/** Must a machine of these releases reboot for the change to count? */
export const needsReboot = (before: string, after: string): boolean =>
  !isDeepStrictEqual(fixedParts(before), fixedParts(after));
