import { driverBranch } from "@/lib/gpu/driver-branches";
import { isOffered } from "@/lib/gpu/extension-catalogue";
import { nvidiaMismatch } from "@/lib/gpu/nvidia-rules";
import { extensionsOf, type SchematicDocument } from "@/lib/schematic/document";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { nvidiaDriverOf } from "./plan-changes";
import type { PlanCheck, UpgradePolicy } from "./schema";
import { kubernetesFits } from "./versions";

type Verdict = { state: PlanCheck["state"]; detail: string };
const ok = (detail: string): Verdict => ({ state: "ok", detail });
const warning = (detail: string): Verdict => ({ state: "warning", detail });
const refused = (detail: string): Verdict => ({ state: "refused", detail });

/** What a node is to become. */
export type NodeTarget = { version: string; schematicId: string; document: SchematicDocument | null };
type Input = { node: PlanNodeFacts; target: NodeTarget; facts: PlanFacts; policy: UpgradePolicy };

const short = (id: string): string => `${id.slice(0, 12)}…`;

function checkSchematic({ node, policy }: Input): Verdict {
  const { runningSchematicId: running, recordedSchematicId: recorded, installSchematicId: install } = node;
  const choice = policy.acceptDrift;
  if (!recorded) {
    return warning("No schematic is recorded for it: the one that runs is kept.");
  }
  const assigned = node.profileNames.length > 0;
  if (running && running !== recorded && !assigned && !choice) {
    return refused(
      `It runs the schematic ${short(running)}, while ${short(recorded)} is recorded and no profile asks for the change. Assign a profile, or accept the drift.`,
    );
  }
  if (install && install !== recorded && install !== running && !choice) {
    return refused(
      `Its install image names a third schematic, ${short(install)}. Apply its config first, or accept the drift.`,
    );
  }
  if (running && running !== recorded) {
    const why = assigned ? `as the profile ${node.profileNames.join(", ")} asks` : "as you accepted";
    return ok(`It moves from the schematic ${short(running)} to ${short(recorded)}, ${why}.`);
  }
  if (install && install !== recorded) {
    return warning(`Its install image still names the schematic ${short(install)}: apply its config afterwards.`);
  }
  return running
    ? ok(`It runs the recorded schematic ${short(recorded)}.`)
    : warning("What schematic runs is not known.");
}

function checkRegistered({ node, target }: Input): Verdict {
  if (target.schematicId === node.recordedSchematicId) {
    return node.recordedRegistered
      ? ok("The image factory knows it.")
      : refused("The image factory does not know the recorded schematic yet: it is registered as soon as it answers.");
  }
  if (node.runningAtFactory === null)
    return warning("Whether the image factory knows the schematic that runs could not be asked.");
  return node.runningAtFactory
    ? ok("The image factory knows it.")
    : refused(
        "The image factory of the settings does not know the schematic that runs. Assign a profile, so that one is recorded.",
      );
}

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

function checkKubernetes({ node, target }: Input): Verdict {
  if (!node.kubernetesVersion) return warning("Its Kubernetes version is not known.");
  const { ok: fits, sentence } = kubernetesFits(node.kubernetesVersion, target.version);
  return fits ? ok(sentence) : refused(sentence);
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

function checkGpuDriver({ node, target }: Input): Verdict {
  const driver = target.document && nvidiaDriverOf(extensionsOf(target.document));
  if (!driver) return ok("No NVIDIA driver is part of it.");
  const branch = driverBranch(target.version, driver.channel);
  const mismatches = node.gpus
    .filter(({ vendor }) => vendor === "nvidia")
    .flatMap((gpu) => nvidiaMismatch(gpu, driver, branch) ?? []);
  const first = mismatches[0];
  return first ? refused(first.message) : ok(`Driver branch ${branch?.branch ?? "unknown"} drives its cards.`);
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

const checks: readonly { id: string; title: string; judge: (input: Input) => Verdict }[] = [
  { id: "schematic", title: "Schematic", judge: checkSchematic },
  { id: "registered", title: "Schematic registered", judge: checkRegistered },
  { id: "target", title: "Target image", judge: checkTarget },
  { id: "kubernetes-range", title: "Kubernetes in range", judge: checkKubernetes },
  { id: "gpu-driver", title: "GPU driver", judge: checkGpuDriver },
  { id: "nvidia-toolkit", title: "NVIDIA modules", judge: checkToolkit },
  { id: "certificate", title: "Client certificate", judge: checkCertificate },
  { id: "clock", title: "Clock", judge: checkClock },
];

/** Everything that is checked of one node before a run may touch it. Pure. */
export const checkNode = (input: Input): PlanCheck[] =>
  checks.map(({ id, title, judge }) => ({ id, title, ...judge(input) }));
