import type { NodeTrick } from "./false-node";
import type { HttpTrick } from "./http-peer";
import type { RawTrick } from "./raw-node";

/** What the console has to say of a hostile node. */
export type Expected =
  /** Dropped as misbehaving, for this reason. */
  | { shown: "misbehaving"; reason: RegExp }
  /** Away, for a reason that is not empty: it never said anything that could be judged. */
  | { shown: "away" }
  /** Still there, but its config is not known. */
  | { shown: "config-unread" }
  /** Still there: what it sends is bounded and harms nobody. */
  | { shown: "there" }
  /** Still there, and whoever reads its log is told that it is held back. */
  | { shown: "held-back" };

export type Row =
  | { of: "node"; trick: NodeTrick | RawTrick; expected: Expected }
  | { of: "machine"; trick: NodeTrick | RawTrick }
  | { of: "factory"; trick: HttpTrick }
  | { of: "kubernetes"; trick: HttpTrick };

const misbehaving = (reason: RegExp): Expected => ({ shown: "misbehaving", reason });

export const rows: readonly Row[] = [
  { of: "node", trick: "endless-ids", expected: misbehaving(/more than [\d,]+ KernelModuleStatuses/) },
  { of: "node", trick: "endless-list", expected: misbehaving(/more than/) },
  { of: "node", trick: "endless-log", expected: { shown: "held-back" } },
  { of: "node", trick: "endless-events", expected: misbehaving(/messages|MiB/) },
  { of: "node", trick: "huge-spec", expected: misbehaving(/a spec of \S+ with [\d,]+ characters/) },
  { of: "node", trick: "many-keys", expected: { shown: "there" } },
  { of: "node", trick: "deep-config", expected: { shown: "config-unread" } },
  { of: "node", trick: "alias-config", expected: { shown: "config-unread" } },
  { of: "node", trick: "small-changes", expected: misbehaving(/YAML values/) },
  { of: "node", trick: "silent", expected: { shown: "away" } },
  { of: "node", trick: "slow-bytes", expected: { shown: "away" } },
  { of: "node", trick: "garbage-http2", expected: { shown: "away" } },
  { of: "node", trick: "garbage-grpc", expected: { shown: "away" } },
  { of: "node", trick: "garbage-protobuf", expected: { shown: "away" } },
  { of: "machine", trick: "endless-list" },
  { of: "machine", trick: "slow-bytes" },
  { of: "factory", trick: "endless-answer" },
  { of: "factory", trick: "deep-answer" },
  { of: "factory", trick: "slow-bytes" },
  { of: "kubernetes", trick: "endless-pages" },
  { of: "kubernetes", trick: "huge-object" },
  { of: "kubernetes", trick: "slow-bytes" },
];

/** Those of continuous integration: one of each kind of peer. */
export const sample: readonly Row[] = rows.filter(({ of, trick }) =>
  ["node endless-ids", "machine endless-list", "factory endless-answer", "kubernetes huge-object"].includes(
    `${of} ${trick}`,
  ),
);
