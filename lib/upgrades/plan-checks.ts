import { driverBranch } from "@/lib/gpu/driver-branches";
import { judgeDrmDrivers } from "@/lib/gpu/drm-rules";
import { driversIn } from "@/lib/gpu/drivers";
import { isOffered } from "@/lib/gpu/extension-catalogue";
import { nvidiaMismatch } from "@/lib/gpu/nvidia-rules";
import { extensionsOf, kernelArgsOf } from "@/lib/schematic/document";
import { checkInstallImage, checkStaged } from "./check-install-image";
import { judgePowers } from "./new-powers";
import type { AtFactory, PlanFacts, PlanNodeFacts } from "./plan-facts";
import type { ImageSource } from "./plan-image";
import { nvidiaDriverOf } from "./plan-changes";
import type { PlanCheck, UpgradePolicy } from "./schema";
import { kubernetesFits } from "./versions";

type Verdict = { state: PlanCheck["state"]; detail: string };
const ok = (detail: string): Verdict => ({ state: "ok", detail });
const warning = (detail: string): Verdict => ({ state: "warning", detail });
const refused = (detail: string): Verdict => ({ state: "refused", detail });

/** What a node is to become. */
export type NodeTarget = ImageSource & { version: string };
type Input = {
  node: PlanNodeFacts;
  target: NodeTarget;
  facts: PlanFacts;
  policy: UpgradePolicy;
  /** A hop of a later run: until then, what is in the way may be mended. */
  later: boolean;
};

const short = (id: string): string => `${id.slice(0, 12)}…`;

function checkSchematic({ node, target, policy }: Input): Verdict {
  const { runningSchematicId: running, recordedSchematicId: recorded, installSchematicId: install } = node;
  const choice = policy.acceptDrift;
  if (target.from === "plain") return ok("It runs an image without a schematic; the new one holds the same.");
  if (!recorded) {
    return warning("No schematic is recorded for it: the one that runs is kept.");
  }
  const assigned = node.profileNames.length > 0 && !node.asFound;
  if (running && running !== recorded && node.asFound && !choice) {
    return refused(
      `It runs the schematic ${short(running)}, while ${short(recorded)} is recorded as it was found once, and nobody has asked for that since. Record what runs, on the node's page, or accept the drift.`,
    );
  }
  if (running && running !== recorded && !assigned && !choice) {
    return refused(
      `It runs the schematic ${short(running)}, while ${short(recorded)} is recorded and no profile asks for the change. Assign a profile, or accept the drift.`,
    );
  }
  // Where what runs is what is recorded, an upgrade has nothing to do with it.
  if (install && install !== recorded && install !== running && running !== recorded && !choice) {
    return refused(
      `Its install image names a third schematic, ${short(install)}. Apply its config first, or accept the drift.`,
    );
  }
  if (running && running !== recorded) {
    const why = assigned ? `as the profile ${node.profileNames.join(", ")} asks` : "as you accepted";
    return ok(`It moves from the schematic ${short(running)} to ${short(recorded)}, ${why}.`);
  }
  return running
    ? ok(`It runs the recorded schematic ${short(recorded)}.`)
    : warning("What schematic runs is not known.");
}

const registered: Record<AtFactory, Verdict> = {
  known: ok("The image factory knows it."),
  "to-register": ok("The image factory does not have it now: it is registered there when the run starts."),
  unknown: refused(
    "The image factory of the settings does not know this schematic, and its document is not held here. Assign a profile, or register the schematic there.",
  ),
  "known-before": warning("The image factory could not be asked now; it knew this schematic before."),
  waiting: refused(
    "This schematic is not registered yet, and the image factory could not be asked. Plan again once it answers.",
  ),
  "not-asked": warning("Whether the image factory knows this schematic could not be asked."),
};
const checkRegistered = ({ target, facts }: Input): Verdict =>
  registered[facts.atFactory.get(target.schematicId) ?? "not-asked"];

function checkTarget({ target, facts }: Input): Verdict {
  if (!facts.releases.tags.includes(target.version)) {
    return facts.releases.source === "factory"
      ? refused(`The image factory has no Talos ${target.version}.`)
      : warning(`Talos ${target.version} is not in the built-in catalogue, and the image factory could not be asked.`);
  }
  const offered = facts.offered.get(target.version);
  if (!target.document)
    return warning("The schematic's document is not known, so its extensions could not be compared.");
  if (!offered) return warning(`The extensions of ${target.version} are not known.`);
  const missing = extensionsOf(target.document).filter((name) => !isOffered(name, offered));
  return missing.length > 0
    ? refused(`Talos ${target.version} does not offer ${missing.join(", ")}: the image could not be built.`)
    : ok(`Talos ${target.version} offers all ${extensionsOf(target.document).length} extensions.`);
}

function checkKubernetes({ node, target, later }: Input): Verdict {
  if (!node.kubernetesVersion) return warning("Its Kubernetes version is not known.");
  const { ok: fits, sentence } = kubernetesFits(node.kubernetesVersion, target.version);
  if (fits) return ok(sentence);
  // Kubernetes may be upgraded between two runs, where the release between them supports the newer one.
  return later ? warning(sentence) : refused(sentence);
}

/** Whether the machine config, which stays as it is, is one that the release reads. */
function checkConfigFits({ node, target }: Input): Verdict {
  if (target.version === node.version) return ok("Its release stays, and so does its config.");
  const issues = node.configIssues?.get(target.version);
  if (!issues) return warning(`Whether its config fits ${target.version} is not known: it could not be read.`);
  const [first] = issues;
  if (first === undefined) return ok(`Its config fits ${target.version}.`);
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return refused(`${target.version} would refuse its config: ${first}${more} Change its config first.`);
}

/** 30 min: the longest that one node may take to return. */
const perNodeMs = 30 * 60_000;
function checkCertificate({ node, facts, policy }: Input): Verdict {
  if (node.certificateExpiresMs === null) return warning("When our certificate ends is not known.");
  const leftMs = node.certificateExpiresMs - facts.nowMs;
  const neededMs = Math.min(24 * 3_600_000, facts.nodes.length * (perNodeMs + policy.soakMs));
  if (leftMs <= 0) return refused("Our client certificate has expired.");
  if (leftMs < neededMs)
    return warning("Our client certificate ends before a slow run would; it is renewed on the way.");
  return ok("Our client certificate outlives the run.");
}

function checkClock({ node }: Input): Verdict {
  if (node.timeSynced === null) return warning("Whether its clock is right is not known.");
  return node.timeSynced
    ? ok("Its clock is in step.")
    : refused("Its clock is not in step with its time server: certificates made after a restart may not be valid.");
}

/** Does the image's driver of each vendor drive the node's cards? The rules are those of profiles (`lib/gpu`). */
function checkGpuDriver({ node, target }: Input): Verdict {
  const extensions = target.document ? extensionsOf(target.document) : [];
  const nvidia = nvidiaDriverOf(extensions);
  const drivers = driversIn(extensions);
  if (drivers.length === 0) {
    return target.from === "plain" && node.gpus.length > 0
      ? warning("Its GPU gets no driver from this image: assign a profile, and the same upgrade brings one.")
      : ok("No GPU driver is part of it.");
  }
  const branch = nvidia && driverBranch(target.version, nvidia.channel);
  const mismatches = nvidia
    ? node.gpus.filter(({ vendor }) => vendor === "nvidia").flatMap((gpu) => nvidiaMismatch(gpu, nvidia, branch) ?? [])
    : [];
  const drm = drivers.flatMap((kind) => (kind === "nvidia" ? [] : [{ kind }]));
  const judged = judgeDrmDrivers(drm, node.gpus, target.document ? kernelArgsOf(target.document) : []);
  const [first] = [...mismatches, ...judged.refusals];
  if (first) return refused(`${first.message} Assign a profile whose driver fits.`);
  const [doubt] = judged.warnings;
  if (doubt) return warning(doubt);
  return ok(
    nvidia
      ? `Driver branch ${branch?.branch ?? "unknown"} drives its cards.`
      : `${drivers.join(", ")} drives its cards.`,
  );
}

/**
 * `ext-nvidia-persistenced` waits for the bound driver, so that the toolkit on a node without card or module config hangs
 * the boot, which rolls back after an hour (siderolabs/extensions#888, talos#9149).
 */
function checkToolkit({ node, target }: Input): Verdict {
  const toolkit =
    target.document && extensionsOf(target.document).some((name) => /\/nvidia-container-toolkit/.test(name));
  if (!toolkit) return ok("The NVIDIA toolkit is not part of it.");
  if (!node.gpus.some(({ vendor }) => vendor === "nvidia")) {
    return refused("The image holds the NVIDIA toolkit, but no NVIDIA card was seen: its boot would hang.");
  }
  const has = (list: readonly string[] | null) => list?.includes("nvidia") === true;
  if (has(node.configuredModules) || has(node.loadedModules)) return ok("Its config loads the NVIDIA modules.");
  return node.configuredModules === null
    ? warning("Whether its config loads the NVIDIA modules is not known: without them its boot hangs.")
    : refused("Its config does not load the NVIDIA modules: its boot would hang. Apply the profile's config first.");
}

type Check = {
  id: string;
  title: string;
  judge: (input: Input) => Verdict;
  /** It depends on the release, so every hop is judged. */
  everyHop?: true;
};
const checks: readonly Check[] = [
  { id: "schematic", title: "Schematic", judge: checkSchematic },
  { id: "install-image", title: "Install image", judge: checkInstallImage },
  { id: "staged", title: "Staged change", judge: checkStaged },
  { id: "registered", title: "Schematic registered", judge: checkRegistered },
  { id: "target", title: "Target image", judge: checkTarget, everyHop: true },
  { id: "kubernetes-range", title: "Kubernetes in range", judge: checkKubernetes, everyHop: true },
  { id: "config", title: "Config fits", judge: checkConfigFits, everyHop: true },
  { id: "gpu-driver", title: "GPU driver", judge: checkGpuDriver, everyHop: true },
  { id: "nvidia-toolkit", title: "NVIDIA modules", judge: checkToolkit },
  { id: "powers", title: "Power over the node", judge: ({ node, target }) => judgePowers(node, target) },
  { id: "certificate", title: "Client certificate", judge: checkCertificate },
  { id: "clock", title: "Clock", judge: checkClock },
];

const severity: Record<PlanCheck["state"], number> = { ok: 0, warning: 1, refused: 2 };

/** The gravest verdict on any hop; one on a later hop says which, and where to stop before it. */
function judgeHops({ judge }: Check, input: NodeInput): Verdict {
  const { target, hops } = input;
  const [first, ...others] = (hops.length > 0 ? hops : [target.version]).map((version, index) => ({
    hop: version,
    before: hops[index - 1],
    verdict: judge({ ...input, target: { ...target, version }, later: index > 0 }),
  }));
  if (!first) return ok("");
  const worst = others.find(({ verdict }) =>
    [first, ...others].every((other) => severity[other.verdict.state] <= severity[verdict.state]),
  );
  if (!worst || severity[worst.verdict.state] <= severity[first.verdict.state]) return first.verdict;
  const stop = worst.verdict.state === "refused" ? ` Choose ${worst.before} as the target until that is solved.` : "";
  return { ...worst.verdict, detail: `On the way, at ${worst.hop}: ${worst.verdict.detail}${stop}` };
}

type NodeInput = Omit<Input, "later"> & { hops: readonly string[] };

/** Everything that is checked of one node before a run may touch it, over all hops that it has before it. Pure. */
export const checkNode = (input: NodeInput): PlanCheck[] =>
  checks.map((check) => ({
    id: check.id,
    title: check.title,
    ...(check.everyHop ? judgeHops(check, input) : check.judge({ ...input, later: false })),
  }));
