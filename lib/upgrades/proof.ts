import { currentExtensionName } from "@/lib/gpu/extension-catalogue";
import type { KubernetesNode } from "@/lib/kubernetes/nodes";
import type { NodeHardwareReading, NodeReading } from "./ports";
import type { RunNodeRecord } from "./records";
import type { PlanCheck } from "./schema";

export type ProofInput = {
  row: Pick<RunNodeRecord, "toVersion" | "toSchematicId" | "installBootId" | "before">;
  reading: NodeReading;
  hardware: NodeHardwareReading;
  /** `siderolabs/…` of the target schematic; null where its document is not held. */
  wantedExtensions: readonly string[] | null;
  /** Null with a reason where Kubernetes could not be asked. */
  kubernetes: { node: KubernetesNode | null } | { unavailable: string };
};

type Verdict = Omit<PlanCheck, "id" | "title">;
const ok = (detail: string): Verdict => ({ state: "ok", detail });
const warning = (detail: string): Verdict => ({ state: "warning", detail });
const refused = (detail: string): Verdict => ({ state: "refused", detail });

/** Modules that have to be live when an extension is loaded (their extensions' manifests). */
const modulesOf: readonly [extension: RegExp, module: string][] = [
  [/^(nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia)-/, "nvidia"],
  [/^(nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia)-/, "nvidia_uvm"],
  [/^amdgpu$/, "amdgpu"],
];

const bare = (extension: string): string => extension.slice(extension.lastIndexOf("/") + 1);
const list = (items: readonly string[]): string => items.join(", ");

function extensions({ wantedExtensions, hardware, row }: ProofInput): Verdict {
  const loaded = new Set(hardware.extensions);
  if (wantedExtensions === null) {
    const lost = (row.before?.extensions ?? []).filter((name) => name !== "schematic" && !loaded.has(name));
    return lost.length > 0
      ? refused(`No longer loaded: ${list(lost)}.`)
      : warning("The schematic's document is not held; nothing was lost.");
  }
  const wanted = wantedExtensions.map(currentExtensionName).map(bare);
  const missing = wanted.filter((name) => !loaded.has(name));
  // Some extensions call themselves otherwise than their image; then they were not seen under that name before either.
  const renamed = missing.filter((name) => row.before !== null && !row.before.extensions.includes(name));
  const gpu = (name: string) => modulesOf.some(([pattern]) => pattern.test(name)) || /^nvidia-/.test(name);
  const lost = missing.filter((name) => !renamed.includes(name) || gpu(name));
  if (lost.length > 0) return refused(`Not loaded: ${list(lost)}.`);
  return missing.length > 0
    ? warning(`Not seen under their own names: ${list(missing)}.`)
    : ok(wanted.length > 0 ? `Loaded: ${list(wanted)}.` : "None is wanted.");
}

function modules({ wantedExtensions, hardware }: ProofInput): Verdict {
  if (hardware.gpuAddresses.length === 0) return ok("It has no GPU that needs one.");
  // Without the schematic's document, what is loaded says which modules have to be live.
  const names = (wantedExtensions ?? hardware.extensions).map(currentExtensionName).map(bare);
  const wanted = modulesOf.filter(([pattern]) => names.some((name) => pattern.test(name))).map(([, module]) => module);
  if (wanted.length === 0) return ok("No driver is part of the image.");
  if (hardware.modules === null) return warning("This release does not tell its modules.");
  const missing = wanted.filter((name) => !hardware.modules?.includes(name));
  return missing.length > 0 ? refused(`Not live: ${list(missing)}.`) : ok(`Live: ${list(wanted)}.`);
}

function gpuCount({ row, hardware }: ProofInput): Verdict {
  const before = row.before?.gpuAddresses.length ?? 0;
  const now = hardware.gpuAddresses.length;
  if (now < before) return refused(`${now} of ${before} GPUs are on the bus.`);
  return ok(before === 0 ? "It has none." : `${now} on the bus, as before.`);
}

function kubernetesNode({ kubernetes }: ProofInput): Verdict {
  if ("unavailable" in kubernetes) return warning(kubernetes.unavailable);
  if (!kubernetes.node) return warning("Kubernetes has no such node.");
  return kubernetes.node.ready ? ok("Ready.") : refused(`Not ready: ${kubernetes.node.readyMessage}`);
}

function allocatable({ row, kubernetes }: ProofInput): Verdict {
  const before = row.before?.allocatableGpus ?? {};
  if ("unavailable" in kubernetes || !kubernetes.node) return warning("Kubernetes could not be asked.");
  const now = kubernetes.node.allocatableGpus;
  const fewer = Object.entries(before).filter(([name, count]) => (now[name] ?? 0) < count);
  if (fewer.length > 0)
    return warning(fewer.map(([name, count]) => `${name}: ${now[name] ?? 0} of ${count}`).join(", "));
  const all = Object.entries(now).map(([name, count]) => `${name}: ${count}`);
  return ok(all.length > 0 ? list(all) : "None, as before.");
}

/**
 * The proof that an upgrade worked, each part read from the node. `refused` = not so, `warning` = could not be told or may
 * come later. Pure.
 */
export function proveUpgrade(input: ProofInput): PlanCheck[] {
  const { row, reading } = input;
  const version =
    reading.version === row.toVersion
      ? ok(reading.version)
      : refused(`It runs ${reading.version}, not ${row.toVersion}.`);
  const schematic =
    reading.schematicId === null
      ? warning("It does not name its schematic.")
      : reading.schematicId === row.toSchematicId
        ? ok(reading.schematicId)
        : refused(`It runs ${reading.schematicId}, not ${row.toSchematicId}.`);
  const boot =
    reading.bootId === row.installBootId
      ? refused("It has not restarted since the installation.")
      : ok("It has restarted.");
  const readiness =
    reading.stage === "running" && reading.ready
      ? ok("Running and ready.")
      : refused(
          `${reading.stage}${reading.unmetConditions.length > 0 ? `: ${list(reading.unmetConditions.map(({ name }) => name))}` : ""}`,
        );
  return [
    { id: "version", title: "Talos version", ...version },
    { id: "schematic", title: "Schematic", ...schematic },
    { id: "boot", title: "New boot", ...boot },
    { id: "readiness", title: "Readiness", ...readiness },
    { id: "extensions", title: "Extensions", ...extensions(input) },
    { id: "modules", title: "GPU modules", ...modules(input) },
    { id: "gpus", title: "GPUs on the bus", ...gpuCount(input) },
    { id: "kubernetes", title: "Kubernetes node", ...kubernetesNode(input) },
    { id: "allocatable", title: "GPUs in Kubernetes", ...allocatable(input) },
  ];
}
