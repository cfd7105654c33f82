import { compareCards, unproven } from "@/lib/gpu/chain-compare";
import { readCards } from "@/lib/gpu/chain-reading";
import type { CardComparison } from "@/lib/gpu/chain-schema";
import { driverLog } from "@/lib/gpu/driver-log";
import { bareExtension, driversIn, gpuDriverOf } from "@/lib/gpu/drivers";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import type { ProofLinkId } from "@/lib/gpu/schema";
import type { KubernetesNode } from "@/lib/kubernetes/nodes";
import type { NodeHardwareReading, NodeReading } from "./ports";
import {
  allocatableVerdict,
  countVerdict,
  linkVerdict,
  moduleVerdict,
  ok,
  refused,
  type Verdict,
  warning,
} from "./proof-gpus";
import type { RunNodeRecord } from "./records";
import type { PlanCheck } from "./schema";

export type ProofInput = {
  row: Pick<RunNodeRecord, "toVersion" | "toSchematicId" | "installBootId" | "before">;
  reading: NodeReading;
  hardware: NodeHardwareReading;
  /** Profiles that are assigned to the node. */
  profiles: readonly GpuProfile[];
  /** `siderolabs/…` of the target schematic; null where its document is not held. */
  wantedExtensions: readonly string[] | null;
  /** Null with a reason where Kubernetes could not be asked. */
  kubernetes: { node: KubernetesNode | null } | { unavailable: string; refused?: boolean };
};

/** The proof of one look: what was checked, and each card before and after. */
export type UpgradeProof = { checks: PlanCheck[]; gpus: CardComparison[] };

const list = (items: readonly string[]): string => items.join(", ");

function extensions({ wantedExtensions, hardware, row }: ProofInput): Verdict {
  if (hardware.extensions === null) return refused("The node's extensions could not be read.");
  const loaded = new Set(hardware.extensions.map(({ name }) => name));
  if (wantedExtensions === null) {
    const lost = (row.before?.extensions ?? []).filter((name) => name !== "schematic" && !loaded.has(name));
    return lost.length > 0
      ? refused(`No longer loaded: ${list(lost)}.`)
      : warning("The schematic's document is not held; nothing was lost.");
  }
  const wanted = wantedExtensions.map(bareExtension);
  const missing = wanted.filter((name) => !loaded.has(name));
  // Some extensions call themselves otherwise than their image; then they were not seen under that name before either.
  const renamed = missing.filter((name) => row.before !== null && !row.before.extensions.includes(name));
  const gpu = (name: string) => driversIn([name]).length > 0 || name.startsWith("nvidia-");
  const lost = missing.filter((name) => !renamed.includes(name) || gpu(name));
  if (lost.length > 0) return refused(`Not loaded: ${list(lost)}.`);
  return missing.length > 0
    ? warning(`Not seen under their own names: ${list(missing)}.`)
    : ok(wanted.length > 0 ? `Loaded: ${list(wanted)}.` : "None is wanted.");
}

function kubernetesNode({ kubernetes, row }: ProofInput): Verdict {
  if ("unavailable" in kubernetes) return warning(kubernetes.unavailable);
  if (!kubernetes.node) {
    // It was asked before, and had one.
    return row.before?.allocatableGpus != null
      ? refused("Kubernetes has no such node any more.")
      : warning("Kubernetes has no such node.");
  }
  return kubernetes.node.ready ? ok("Ready.") : refused(`Not ready: ${kubernetes.node.readyMessage}`);
}

const allocatableOf = ({ kubernetes }: ProofInput): Record<string, number> | null =>
  ("node" in kubernetes ? kubernetes.node : null)?.allocatableGpus ?? null;

/** The cards as they are now, held against those of the reading before the run. Pure. */
function compare(input: ProofInput, after: readonly string[] | null): CardComparison[] {
  const { row, hardware, profiles, reading } = input;
  const allocatable = allocatableOf(input);
  const before = row.before?.cards ?? null;
  // Stryker disable next-line ArrayDeclaration: a line that names no card says nothing of one
  const kernelLog = hardware.kernelLog ?? [];
  const cards = readCards(
    {
      ...hardware,
      runningSchematic: hardware.runningSchematic && { ...hardware.runningSchematic, extensions: after },
      kernelLog,
      talosVersion: reading.version,
      profiles,
      allocatable:
        allocatable && Object.fromEntries(Object.entries(allocatable).map(([name, count]) => [name, String(count)])),
    },
    // Stryker disable next-line ArrayDeclaration: a text in place of a card is none that was there before
    before ?? [],
  );
  const image = { before: row.before?.imageExtensions ?? null, after };
  return compareCards(before, cards, image, (card) =>
    hardware.kernelLog === null
      ? ["The kernel log could not be read."]
      : driverLog(kernelLog, card, gpuDriverOf(card.driver)),
  );
}

const badness = { ok: 0, warning: 1, refused: 2 } as const;

/** A verdict on the node as a whole, unless a card has lost its own link of that kind. */
function worse(whole: Verdict, gpus: readonly CardComparison[], ids: readonly ProofLinkId[]): Verdict {
  const own = ids.map((id) => linkVerdict(gpus, id));
  return own.reduce((worst, verdict) => (badness[verdict.state] > badness[worst.state] ? verdict : worst), whole);
}

/** Rows of a run that an older Ichor began hold the addresses of the cards and nothing more. */
function fewerThanCounted({ before }: ProofInput["row"], gpus: readonly CardComparison[]): Verdict | null {
  if (before === null || before.cards !== null || gpus.length >= before.gpuAddresses.length) return null;
  return refused(`On the PCI bus: ${gpus.length} of ${before.gpuAddresses.length}.`);
}

/**
 * The proof that an upgrade worked, each part read from the node. Each GPU's proof chain is held against what it was before the
 * run: `refused` = a promise that is not kept, or a link that held and holds no more; `warning` = could not be told, or was so
 * before. Pure.
 */
export function proveUpgrade(input: ProofInput): UpgradeProof {
  const { row, reading, hardware } = input;
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
          `${reading.stage}${reading.unmetConditions.length > 0 ? `: ${list(reading.unmetConditions.map(({ name, reason }) => (reason ? `${name} (${reason})` : name)))}` : ""}`,
        );
  const image = input.wantedExtensions ?? hardware.runningSchematic?.extensions ?? null;
  const gpus = compare(input, image);
  const whyUnknown = "unavailable" in input.kubernetes ? input.kubernetes.unavailable : "Kubernetes has no such node.";
  const allocatable = allocatableVerdict(row.before?.allocatableGpus ?? null, allocatableOf(input), whyUnknown, {
    before: row.before?.imageExtensions ?? null,
    after: image,
  });
  const checks: PlanCheck[] = [
    { id: "version", title: "Talos version", ...version },
    { id: "schematic", title: "Schematic", ...schematic },
    { id: "boot", title: "New boot", ...boot },
    { id: "readiness", title: "Readiness", ...readiness },
    { id: "extensions", title: "Extensions", ...worse(extensions(input), gpus, ["schematic", "extensions"]) },
    { id: "modules", title: "GPU modules", ...moduleVerdict(gpus, image) },
    { id: "gpus", title: "GPUs on the bus", ...(fewerThanCounted(row, gpus) ?? countVerdict(gpus)) },
    ...(gpus.length > 0
      ? [
          { id: "driver", title: "GPU drivers", ...linkVerdict(gpus, "driver") },
          { id: "device-nodes", title: "GPU device nodes", ...linkVerdict(gpus, "device-nodes") },
        ]
      : []),
    { id: "kubernetes", title: "Kubernetes node", ...kubernetesNode(input) },
    {
      id: "allocatable",
      title: "GPUs in Kubernetes",
      ...worse(allocatable, gpus, ["allocatable"]),
    },
  ];
  return { checks, gpus };
}

/** Checks that wait for the device plugin, which registers its cards some time after the node is up. */
export const comesLate: ReadonlySet<string> = new Set(["kubernetes", "allocatable"]);

/** Checks of the cards themselves, which say something of a node that still boots, too. */
export const cardChecks: ReadonlySet<string> = new Set(["extensions", "modules", "gpus", "driver", "device-nodes"]);

export const losesCards = ({ checks }: UpgradeProof): boolean =>
  checks.some(({ id, state }) => cardChecks.has(id) && state === "refused");

/** Why a proof does not hold, in a few sentences: the links, the kernel's own words, and what to do. `only` = of these checks. */
export function whyUnproven({ checks, gpus }: UpgradeProof, only: ReadonlySet<string> | null = null): string {
  const broken = checks
    .filter(({ id, state }) => state === "refused" && (only === null || only.has(id)))
    .map(({ title, detail }) => `${title}: ${detail}`);
  const worst = gpus.find(({ links }) => links.some(({ change }) => unproven.has(change)));
  if (!worst) return broken.join(" ");
  const kernel = worst.links.some(({ id, change }) => id !== "allocatable" && unproven.has(change));
  const lines = worst.lines.slice(-2).map((line) => `“${line.slice(0, 200)}”`);
  const silent = kernel ? " The kernel log says nothing of it." : "";
  const said = lines.length > 0 ? ` The kernel says: ${lines.join(" ")}` : silent;
  return `${broken.join(" ")}${said}${worst.remedy ? ` ${worst.remedy.sentence}` : ""}`;
}
