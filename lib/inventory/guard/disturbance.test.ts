import { describe, expect, test } from "vitest";
import { type Disturbance, disturbances, type NodeOperation, pastOf, wordsOf } from "./disturbance";

/** The rule for each operation, once more and in one line: what happens to the node, how that ends, and whether its data goes. */
const rules: Record<NodeOperation, string> = {
  "node.reboot": "away, return: a reboot / rebooted",
  "node.shutdown": "away, gone: a shut-down / shut down",
  "node.reset": "away, gone, for good: a reset / reset",
  "node.rollback": "away, return: a roll-back / rolled back",
  "node.apply-config": "away, return: a change of its config / restarted with a new config",
  "service.restart": "away, service: the restart of a service / left with a service that was restarted",
  "upgrade.run": "away, return: an upgrade / restarted by an upgrade",
  "cluster.bootstrap": "joins: the bootstrap of its cluster / taken away",
  "machine.adopt": "joins: its adoption / taken away",
  "node.apply-recorded-image": "node: a change of its config / taken away",
  "node.record-running": "node: a change of what is recorded of it / taken away",
  "gpu-profile.assign": "node: a change of its GPU profile / taken away",
  "node.remove": "node: its removal / taken away",
  "cluster.remove": "node: the removal of its cluster / taken away",
  "node.cordon": "node: a cordon / taken away",
  "node.uncordon": "node: an uncordon / taken away",
  "node.drain": "node: a drain / taken away",
  "upgrade.start": "nothing: another operation / taken away",
  "node.abort-drain": "nothing: another operation / taken away",
  "node.download-config": "nothing: another operation / taken away",
  "boot.set-policy": "nothing: another operation / taken away",
  "cluster.import-secrets": "nothing: another operation / taken away",
  "cluster.download-talosconfig": "nothing: another operation / taken away",
  "cluster.download-kubeconfig": "nothing: another operation / taken away",
};

describe("what an operation does to its node", () => {
  test.each(Object.entries(rules))("%s: %s", (name, rule) => {
    const what: Disturbance = disturbances[name as NodeOperation];
    const ends = what.kind === "away" ? `, ${what.ends}${what.forGood ? ", for good" : ""}` : "";
    expect(`${what.kind}${ends}: ${wordsOf(name)} / ${pastOf(name)}`).toBe(rule);
  });

  test("no other operation has a place in the table", () =>
    expect(Object.keys(disturbances).sort()).toEqual(Object.keys(rules).sort()));

  test.each(["nodes.list", "toString", ""])("%j is not in the table, and has general words", (name) => {
    expect([wordsOf(name), pastOf(name)]).toEqual(["another operation", "taken away"]);
  });
});
