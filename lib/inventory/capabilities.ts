import { ownEntry } from "@/lib/core/own-entry";
import { stageWords } from "./stage-words";
import type { ClusterView, MachineStage, NodeView } from "./schema";

export type Possibility = { ok: true } | { ok: false; reason: string };

export const nodeActions = [
  "reboot",
  "shutdown",
  "reset",
  "rollback",
  "upgrade",
  "assignProfile",
  "recordRunning",
  "previewConfig",
  "dryRunConfig",
  "applyConfig",
  "adopt",
  "bootstrap",
  "restartService",
  "readLogs",
  "etcdSnapshot",
  "remove",
] as const;
export type NodeAction = (typeof nodeActions)[number];

type Subject = Pick<NodeView, "reachability" | "stage" | "role" | "runId" | "gpus" | "clusterId" | "talosVersion"> & {
  attention: { kind: string }[];
};
type Holder = Pick<ClusterView, "credentialRole" | "secrets" | "name"> | null;
type Check = (view: Subject, cluster: Holder) => Possibility;

const yes: Possibility = { ok: true };
const no = (reason: string): Possibility => ({ ok: false, reason });

/** The first reason against it, else yes. */
const all =
  (...checks: Check[]): Check =>
  (view, cluster) => {
    for (const check of checks) {
      const found = check(view, cluster);
      if (!found.ok) return found;
    }
    return yes;
  };

const reachable: Check = ({ reachability, attention }) => {
  if (attention.some(({ kind }) => kind === "replaced")) return no("Another machine answers at this node's address.");
  switch (reachability.state) {
    case "reachable":
      return yes;
    case "connecting":
      return no("The node has not answered yet.");
    case "unreachable":
      return no(`The node is unreachable: ${reachability.reason}`);
    case "never-seen":
      return no("The machine has never been seen.");
  }
};

const ranks: Record<string, number> = { "os:reader": 1, "os:operator": 2, "os:admin": 3 };
const holds =
  (role: "os:reader" | "os:operator" | "os:admin"): Check =>
  (view, cluster) => {
    if (view.clusterId === null) return no("The machine is in no cluster yet.");
    const held = cluster?.secrets !== "none" && cluster ? "os:admin" : (cluster?.credentialRole ?? "");
    const enough = held.split(",").some((name) => (ownEntry(ranks, name.trim()) ?? 0) >= (ranks[role] ?? 9));
    return enough
      ? yes
      : no(
          `This needs the Talos role ${role}; for ${cluster?.name ?? "this cluster"} only ${held || "nothing"} is held.`,
        );
  };

const inStage =
  (...stages: MachineStage[]): Check =>
  ({ stage }) =>
    stages.includes(stage) ? yes : no(`The node is ${stageWords[stage].toLowerCase()}.`);

const notInMaintenance: Check = ({ stage }) =>
  stage === "maintenance"
    ? no("The machine is in maintenance mode: its API allows only reading and a first config.")
    : yes;
const noRun: Check = ({ runId }) =>
  runId === null ? yes : no("An upgrade run holds this node: wait for it or cancel it.");
const controlPlane: Check = ({ role }) =>
  role === "controlplane" ? yes : no("Only a control plane node can do this.");
const hasGpu: Check = ({ gpus }) => (gpus.length > 0 ? yes : no("No GPU was seen on this node."));

const acting = all(reachable, notInMaintenance, noRun);

/**
 * Which action is possible on a node in its present state, with the reason where it is not; used by pages and again by the
 * server before it acts. Talos roles per call: facts of `machined.go` (reboot and shutdown operator, the rest admin).
 */
export const nodeCan: Record<NodeAction, Check> = {
  reboot: all(acting, holds("os:operator")),
  shutdown: all(acting, holds("os:operator")),
  reset: all(acting, holds("os:admin")),
  rollback: all(acting, inStage("running", "booting"), holds("os:admin")),
  upgrade: all(acting, inStage("running"), holds("os:admin")),
  assignProfile: all(noRun, hasGpu),
  recordRunning: all(reachable, notInMaintenance, noRun),
  previewConfig: all(reachable, notInMaintenance, holds("os:admin")),
  dryRunConfig: all(reachable, notInMaintenance, holds("os:admin")),
  applyConfig: all(acting, holds("os:admin")),
  adopt: all(reachable, inStage("maintenance")),
  bootstrap: all(acting, controlPlane, holds("os:admin")),
  restartService: all(acting, holds("os:operator")),
  readLogs: reachable,
  etcdSnapshot: all(acting, controlPlane, holds("os:operator")),
  remove: noRun,
};
