import "server-only";
import { z } from "zod";
import { talosRoles } from "@/lib/machine-config/pki-leaf";
import { clusterInput, versionContract } from "@/lib/machine-config/schema";
import { defineOperation } from "@/lib/operation/define-operation";
import { createCluster, downloadKubeconfig, downloadTalosconfig, removeCluster } from "./cluster-commands";
import { fleet } from "./fleet";
import { bootstrapNode } from "./node-commands";
import { nodeTarget } from "./node-operations";
import { clusterId, importSecretsInput, named, nodeId } from "./operation-schema";
import { importSecrets } from "./secrets-commands";

const clusterTarget = ({ clusterId: id }: { clusterId: string }) => {
  const name = fleet().cluster(id)?.name;
  return { kind: "cluster" as const, id, ...(name !== undefined && { name }) };
};
const secretFile = z.object({ fileName: z.string(), content: z.string() });
const hourMs = 3_600_000;

export const clusterCreate = defineOperation({
  name: "cluster.create",
  role: "admin",
  kind: "change",
  cost: "expensive",
  summary: "Creates a cluster with generated secrets; machines are adopted into it afterwards.",
  input: z.object({ cluster: clusterInput, contract: versionContract }),
  output: z.object({ clusterId: z.string() }),
  auditDetail: ({ cluster, contract }) => ({ name: cluster.name, endpoint: cluster.endpoint, contract }),
  run: createCluster,
});

export const clusterImportSecrets = defineOperation({
  name: "cluster.import-secrets",
  role: "admin",
  kind: "change",
  cost: "expensive",
  summary: "Adds the secrets bundle of a cluster, given or read from a control plane, so that machines can join it.",
  input: importSecretsInput,
  output: named,
  target: clusterTarget,
  auditDetail: ({ source }) => ({ source: source?.kind ?? "bundle" }),
  run: (ctx, { clusterId: id, bundle, source }) =>
    importSecrets(ctx, { clusterId: id, source: source ?? { kind: "bundle", yaml: bundle ?? "" } }),
});

export const clusterBootstrap = defineOperation({
  name: "cluster.bootstrap",
  role: "admin",
  kind: "change",
  summary: "Starts etcd on the first control plane: once per cluster.",
  input: z.object({ nodeId }),
  output: named,
  target: nodeTarget,
  run: (ctx, input) => bootstrapNode(ctx, input.nodeId),
});

export const clusterDownloadTalosconfig = defineOperation({
  name: "cluster.download-talosconfig",
  role: "admin",
  kind: "change",
  sensitive: "secrets",
  summary: "Makes a talosconfig with a fresh client certificate of one role. The answer is secret.",
  input: z.object({
    clusterId,
    role: z.enum(talosRoles).default("os:reader"),
    ttlHours: z.number().int().min(1).max(8760).default(24),
  }),
  output: secretFile,
  target: clusterTarget,
  auditDetail: ({ role, ttlHours }) => ({ role, ttlHours }),
  run: (ctx, { clusterId: id, role, ttlHours }) =>
    downloadTalosconfig(ctx, { clusterId: id, role, ttlMs: ttlHours * hourMs }),
});

export const clusterDownloadKubeconfig = defineOperation({
  name: "cluster.download-kubeconfig",
  role: "admin",
  kind: "change",
  sensitive: "secrets",
  summary: "The cluster's admin kubeconfig. The answer is secret.",
  input: z.object({ clusterId }),
  output: secretFile,
  target: clusterTarget,
  run: (ctx, input) => downloadKubeconfig(ctx, input.clusterId),
});

export const clusterRemove = defineOperation({
  name: "cluster.remove",
  role: "admin",
  kind: "change",
  sensitive: "machines",
  summary: "Forgets a cluster with its nodes and secrets; the machines are left as they are.",
  input: z.object({ clusterId, confirmName: z.string().max(253) }),
  output: named,
  target: clusterTarget,
  run: removeCluster,
});
