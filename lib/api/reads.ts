import "server-only";
import { z } from "zod";
import { listAudit } from "@/lib/audit/queries";
import { auditEntryView, auditFilter } from "@/lib/audit/schema";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { getProfile, gpuProfileView, listProfiles } from "@/lib/gpu/queries";
import { getImage, listImages } from "@/lib/inventory/image-queries";
import { getCluster, getNode, listClusters, listNodes } from "@/lib/inventory/queries";
import { clusterView, nodeView } from "@/lib/inventory/schema";
import { imageView } from "@/lib/schematic/schema";
import { getRun, listRuns } from "@/lib/upgrades/queries";
import { runDetail, runSummary } from "@/lib/upgrades/schema";

/** One collection that every viewer may read: `GET /api/v1/<name>`, and of `/<name>/<id>` where `get` is given. */
export type Read = {
  name: string;
  summary: string;
  query: z.ZodType;
  output: z.ZodType;
  list: (ctx: Ctx, query: never) => Promise<unknown>;
  item?: z.ZodType;
  get?: (ctx: Ctx, id: string) => Promise<unknown>;
};

function defineRead<Q extends z.ZodType, O extends z.ZodType>(
  read: Omit<Read, "query" | "output" | "list"> & {
    query: Q;
    output: O;
    list: (ctx: Ctx, query: z.output<Q>) => Promise<z.input<O>>;
  },
): Read {
  return read;
}

export const reads: readonly Read[] = [
  defineRead({
    name: "nodes",
    summary: "Every node as it was last read, with the time of the reading.",
    query: z.object({}),
    output: z.array(nodeView),
    list: listNodes,
    item: nodeView,
    get: getNode,
  }),
  defineRead({
    name: "clusters",
    summary: "The clusters.",
    query: z.object({}),
    output: z.array(clusterView),
    list: listClusters,
    item: clusterView,
    get: getCluster,
  }),
  defineRead({
    name: "gpu-profiles",
    summary: "GPU profiles, the built-in ones first, with the nodes that they are assigned to.",
    query: z.object({}),
    output: z.array(gpuProfileView),
    list: listProfiles,
    item: gpuProfileView,
    get: getProfile,
  }),
  defineRead({
    name: "schematics",
    summary: "Schematics that are stored here or run on a node, with the nodes.",
    query: z.object({}),
    output: z.array(imageView),
    list: listImages,
    item: imageView,
    get: getImage,
  }),
  defineRead({
    name: "upgrades",
    summary: "Upgrade runs, the newest first.",
    query: z.object({}),
    output: z.array(runSummary),
    list: listRuns,
    item: runDetail,
    get: getRun,
  }),
  defineRead({
    name: "audit",
    summary: "The audit log, newest first.",
    query: auditFilter,
    output: z.object({ entries: z.array(auditEntryView), nextBeforeSeq: z.number().nullable() }),
    list: listAudit,
  }),
];

/** @throws AppError `not-found` */
export function findRead(name: string): Read {
  const read = reads.find((candidate) => candidate.name === name);
  if (!read)
    throw new AppError("not-found", `There is no collection named ${name.slice(0, 40)}.`, {
      hint: "GET /api/v1/openapi.json lists them.",
    });
  return read;
}
