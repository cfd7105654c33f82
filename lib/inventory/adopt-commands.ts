import "server-only";
import { z } from "zod";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { offThread } from "@/lib/core/off-thread/pool";
import { db } from "@/lib/db/client";
import { installerImage } from "@/lib/image-factory/asset-urls";
import { imageFactory } from "@/lib/image-factory/factory";
import { encodeMachineConfig } from "@/lib/machine-config/documents";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import { clusterInput, contractOfTalosVersion, type DiskSelector, type MachineRole } from "@/lib/machine-config/schema";
import { parseSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { emptySchematicId } from "@/lib/schematic/canonical";
import { openTalosClient } from "@/lib/talos/client";
import { machineIssues } from "./adoption/machine-issues";
import { readClusterSecret } from "./cluster-secrets";
import { rememberConfig } from "./config-commands";
import { type ConfigPlan, intentPatches, releaseOfFirstConfig, type ShownPlan } from "./config-plan";
import { installWarnings } from "./drift/plan-warnings";
import { fleet } from "./fleet";
import { holdNode } from "./guard/hold-node";
import { requirePossible } from "./node-commands";
import type { NodeState } from "./node-state";
import { refreshNodes } from "./refresh";
import { type ConfigAnswer, sendConfig } from "./send-config";
import { documentsTask, planTask, shownTask } from "./tasks";

type Admin = Ctx<Grants["admin"]>;

export type Adoption = {
  nodeId: string;
  clusterId: string;
  role: MachineRole;
  hostname: string;
  installDisk?: string | undefined;
  diskSelector?: DiskSelector | undefined;
  patches: string[];
};
export type Adopted = ConfigAnswer & { name: string; dryRun: boolean };

/** Options of a cluster's machine configs, as `cluster.create` stored them. */
const storedOptions = z.record(z.string(), z.unknown());

async function clusterOf(clusterId: string) {
  const cluster = await db.cluster.findUnique({ where: { id: clusterId } });
  if (!cluster) throw new AppError("not-found", "This cluster is not (or no longer) there.");
  const secrets = await readClusterSecret(clusterId, "bundle");
  if (!secrets) {
    throw new AppError("refused", `The secrets of ${cluster.name} are not held, so no config for it can be made.`, {
      hint: "Import its secrets first: from a control plane, or as a bundle (talosctl gen secrets --from-controlplane-config).",
    });
  }
  const running = fleet()
    .views()
    .find((view) => view.clusterId === clusterId && view.kubernetesVersion !== null);
  const kubernetesVersion = cluster.kubernetesVersion ?? running?.kubernetesVersion;
  if (!kubernetesVersion) {
    throw new AppError("refused", `The Kubernetes version of ${cluster.name} is not known yet.`, {
      hint: "Wait until one of its nodes was read.",
    });
  }
  const options = clusterInput.safeParse({
    ...storedOptions.parse(JSON.parse(cluster.options)),
    name: cluster.name,
    endpoint: cluster.endpoint,
    kubernetesVersion,
  });
  if (!options.success) {
    throw new AppError(
      "refused",
      `The Kubernetes endpoint of ${cluster.name} is not known, so no config for it can be made.`,
    );
  }
  return { bundle: parseSecretsBundle(secrets.plaintext), options: options.data };
}

/** The image to install; null in a container, where Talos is neither installed nor has a disk to be installed to. */
function imageOf({ facts, record }: NodeState, talosVersion: string): string | null {
  if (facts.platform === "container") return null;
  if (record.installImage !== null) return record.installImage;
  const schematicId = record.schematicId ?? facts.runningSchematicId ?? emptySchematicId;
  return installerImage({
    factoryUrl: imageFactory().baseUrl,
    schematicId,
    talosVersion,
    platform: facts.platform,
    ...(facts.secureBoot === true && { secureboot: true }),
  });
}

async function planAdoption(
  input: Adoption,
): Promise<{ plan: ConfigPlan; installImage: string | null; state: NodeState }> {
  requirePossible(input.nodeId, "adopt");
  const state = fleet().state(input.nodeId);
  if (!state) throw new AppError("not-found", "This node is not (or no longer) there.");
  const talosVersion = state.facts.talosVersion;
  if (talosVersion === null) {
    throw new AppError("refused", "The machine does not say which Talos release it runs.", {
      hint: "Boot it from an image of Talos 1.10 or newer.",
    });
  }
  const { bundle, options } = await clusterOf(input.clusterId);
  const installImage = imageOf(state, talosVersion);
  const release = installImage === null ? talosVersion : releaseOfFirstConfig(talosVersion, installImage);
  const installed = installImage !== null;
  const documents = generateMachineConfig({
    bundle,
    cluster: options,
    role: input.role,
    contract: contractOfTalosVersion(release),
    node: {
      hostname: input.hostname,
      ...(installed && { installImage }),
      ...(installed && input.installDisk !== undefined && { installDisk: input.installDisk }),
      ...(installed && input.diskSelector !== undefined && { diskSelector: input.diskSelector }),
    },
  });
  const generated = encodeMachineConfig(documents);
  const asWritten = { ...state, facts: { ...state.facts, talosVersion: release } };
  const patches = [
    ...intentPatches(generated, { ...asWritten, record: { ...state.record, installImage: null } }),
    ...input.patches,
  ];
  const { platform } = state.facts;
  const plan = await offThread(planTask, { before: generated, patches, talosVersion: release, platform });
  const known = await machineIssues(input, await offThread(documentsTask, plan.after));
  const issues = [...plan.issues, ...(await installWarnings(plan.after, state.facts)), ...known];
  return { plan: { ...plan, issues }, installImage, state };
}

/** The config that the machine would get, without secrets; the diff is what profiles and patches change. */
export const previewAdoption = async (_ctx: Admin, input: Adoption): Promise<ShownPlan> =>
  offThread(shownTask, (await planAdoption(input)).plan);

/**
 * Gives a machine in maintenance mode its first config. It is sent only to the machine that shows the certificate with
 * `fingerprint`, which a person has compared with the console.
 * @throws AppError `conflict` when the config is not the previewed one; TalosError when the certificate is another.
 */
export async function adoptMachine(
  ctx: Admin,
  input: Adoption & { fingerprint: string; hash: string; dryRun: boolean },
): Promise<Adopted> {
  const { plan, installImage, state } = await planAdoption(input);
  if (plan.hash !== input.hash) {
    throw new AppError("conflict", "The config is not the one that was previewed.", { hint: "Preview it again." });
  }
  const error = plan.issues.find(({ severity }) => severity === "error");
  if (error) throw new AppError("refused", `Talos would not take this config: ${error.path}: ${error.message}`);
  const send = () => sendFirstConfig(state.record.address ?? "", input, plan);
  if (input.dryRun) return { name: input.hostname, ...(await send()), dryRun: true };
  return holdNode(ctx, { nodeId: input.nodeId, operation: "machine.adopt" }, async (held) => {
    // A member that joins while another is away would have etcd count on a voter that is not there yet.
    if (input.role === "controlplane") await held.lockCluster(input.clusterId);
    const answer = await send();
    await recordAdoption(input, state, installImage, plan.after);
    return { name: input.hostname, ...answer, dryRun: false };
  });
}

async function sendFirstConfig(
  address: string,
  { fingerprint, dryRun }: { fingerprint: string; dryRun: boolean },
  plan: ConfigPlan,
): Promise<ConfigAnswer> {
  const client = openTalosClient({ address, credentials: { kind: "maintenance", fingerprint } });
  try {
    return await sendConfig(client, plan, { mode: "auto", dryRun });
  } finally {
    client.close();
  }
}

async function recordAdoption(
  input: Adoption,
  state: NodeState,
  installImage: string | null,
  config: string,
): Promise<void> {
  const schematicId = state.record.schematicId;
  await db.node.update({
    where: { id: input.nodeId },
    data: {
      clusterId: input.clusterId,
      role: input.role,
      hostname: input.hostname,
      installImage,
      ...(schematicId !== null && { schematicId }),
      maintenanceFingerprint: null,
    },
  });
  await rememberConfig(input.nodeId, config, "First config.");
  fleet().apply(input.nodeId, { kind: "adopted", atMs: Date.now() });
  await refreshNodes([input.nodeId]);
}
