/**
 * What an operation does to the nodes that it names.
 * `nothing`: reads, or records what no run depends on. `node`: changes the node or what is recorded of it, so that it must be alone.
 * `away`: besides, the node goes down, or may; a control plane then needs the quorum's leave. `joins`: a member joins etcd.
 */
export type Disturbance =
  | { kind: "nothing" }
  | { kind: "node"; words: string }
  | { kind: "joins"; words: string }
  | {
      kind: "away";
      words: string;
      /** In the sentence of a member that is missing: `cp-2 was shut down by olga`. */
      past: string;
      /**
       * `return`: it comes back by itself, in another boot. `gone`: somebody has to bring it back. `service`: it stays up, and what ran on
       * it is started anew.
       */
      ends: "return" | "gone" | "service";
      /** Its data goes with it. */
      forGood: boolean;
    };

const nothing: Disturbance = { kind: "nothing" };
const node = (words: string): Disturbance => ({ kind: "node", words });

/** The one table: every operation that changes something and names nodes or a cluster. `lib/api` tests that none is missing. */
export const disturbances = {
  "node.reboot": { kind: "away", words: "a reboot", past: "rebooted", ends: "return", forGood: false },
  "node.shutdown": { kind: "away", words: "a shut-down", past: "shut down", ends: "gone", forGood: false },
  "node.reset": { kind: "away", words: "a reset", past: "reset", ends: "gone", forGood: true },
  "node.rollback": { kind: "away", words: "a roll-back", past: "rolled back", ends: "return", forGood: false },
  "node.apply-config": {
    kind: "away",
    words: "a change of its config",
    past: "restarted with a new config",
    ends: "return",
    forGood: false,
  },
  "service.restart": {
    kind: "away",
    words: "the restart of a service",
    past: "left with a service that was restarted",
    ends: "service",
    forGood: false,
  },
  /** A control plane in the hands of a run, from its installer or restart until it is proven. */
  "upgrade.run": { kind: "away", words: "an upgrade", past: "restarted by an upgrade", ends: "return", forGood: false },
  "cluster.bootstrap": { kind: "joins", words: "the bootstrap of its cluster" },
  "machine.adopt": { kind: "joins", words: "its adoption" },
  "node.apply-recorded-image": node("a change of its config"),
  "node.record-running": node("a change of what is recorded of it"),
  "gpu-profile.assign": node("a change of its GPU profile"),
  "node.remove": node("its removal"),
  "cluster.remove": node("the removal of its cluster"),
  "node.cordon": node("a cordon"),
  "node.uncordon": node("an uncordon"),
  "node.drain": node("a drain"),
  /** They hold what they are about by themselves: a run its nodes, from the moment that it is accepted. */
  "upgrade.start": nothing,
  "node.abort-drain": nothing,
  "node.download-config": nothing,
  "boot.set-policy": nothing,
  "cluster.import-secrets": nothing,
  "cluster.download-talosconfig": nothing,
  "cluster.download-kubeconfig": nothing,
} as const satisfies Record<string, Disturbance>;

export type NodeOperation = keyof typeof disturbances;
/** Operations that hold the nodes that they are about. */
export type HoldingOperation = {
  [N in NodeOperation]: (typeof disturbances)[N]["kind"] extends "nothing" ? never : N;
}[NodeOperation];

const known: Readonly<Record<string, Disturbance>> = disturbances;

/** What is under way, in words: `a reboot`. */
export const wordsOf = (operation: string): string => {
  const found = Object.hasOwn(known, operation) ? known[operation] : undefined;
  return found === undefined || found.kind === "nothing" ? "another operation" : found.words;
};

/** What was done, in words: `shut down`. */
export const pastOf = (operation: string): string => {
  const found = Object.hasOwn(known, operation) ? known[operation] : undefined;
  return found?.kind === "away" ? found.past : "taken away";
};
