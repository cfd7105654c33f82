import { setTimeout as wait } from "node:timers/promises";
import { tell } from "./children";
import { answered, nodeNamed, streamed, within } from "./console-watch";
import type { Expected, Row } from "./rows";
import { identityOf, maintenanceIdentity, type Stage } from "./stage";

/** A peer that has become hostile. */
export type Act = {
  /** Resolves once the console was seen to say what it has to, with what is wrong. */
  shown: () => Promise<string[]>;
  end: () => Promise<unknown>;
};

const shownMs = 60_000;
const answerMs = 100_000;
const apiPort = 50_000;

async function watchNode(stage: Stage, name: string, expected: Expected): Promise<string[]> {
  const { console } = stage;
  const last = async () => {
    const node = await nodeNamed(console, name);
    return `${name} is shown as ${JSON.stringify(node?.reachability)}, its config as ${JSON.stringify(node?.config)}`;
  };
  const is = (fits: (node: NonNullable<Awaited<ReturnType<typeof nodeNamed>>>) => boolean) =>
    within(shownMs, async () => {
      const node = await nodeNamed(console, name);
      return node && fits(node) ? node : null;
    });
  switch (expected.shown) {
    case "misbehaving": {
      const seen = await is(
        ({ reachability: { kind, reason = "" } }) => kind === "misbehaving" && expected.reason.test(reason),
      );
      return seen ? [] : [await last()];
    }
    case "away": {
      const seen = await is(({ reachability: { state, reason = "" } }) => state === "unreachable" && reason !== "");
      return seen ? [] : [await last()];
    }
    case "config-unread": {
      const seen = await is(
        ({ reachability, config }) =>
          reachability.state === "reachable" && config.state === "unknown" && !!config.reason,
      );
      return seen ? [] : [await last()];
    }
    case "there": {
      await wait(10_000);
      const seen = await is(({ reachability }) => reachability.state === "reachable");
      return seen ? [] : [await last()];
    }
    case "held-back": {
      const seen = await is(({ reachability }) => reachability.state === "reachable");
      if (!seen) return [await last()];
      const line = await streamed(console, `api/nodes/${seen.id}/dmesg`, /Ichor holds the node back[^\]"]*/, shownMs);
      return line ? [] : ["nothing in its log says that it is held back"];
    }
  }
}

async function hostileNode(stage: Stage, row: Extract<Row, { of: "node" }>, name: string): Promise<Act> {
  const { fleet, peers } = stage;
  const node = fleet.nodes.find((one) => one.name === name);
  if (!node) throw new Error(`no node ${name}`);
  const identity = await identityOf(fleet, name);
  fleet.fault(name, { kind: "unreachable" });
  const order = { do: "node", name, place: { host: node.address, port: apiPort }, identity, trick: row.trick } as const;
  const began = await within(10_000, async () => (await tell(peers, order), true));
  if (!began) throw new Error(`the hostile peer could not take the address of ${name}`);
  return { shown: () => watchNode(stage, name, row.expected), end: () => tell(peers, { do: "stop", name }) };
}

async function hostileMachine(stage: Stage, row: Extract<Row, { of: "machine" }>): Promise<Act> {
  const { peers, console, fleet } = stage;
  const host = (fleet.nodes[0]?.address ?? "").replace(/\.\d+\.\d+$/, `.9.${row.trick.length}`);
  const name = `machine at ${host}`;
  const place = { host, port: apiPort };
  await tell(peers, { do: "node", name, place, identity: await maintenanceIdentity(host), trick: row.trick });
  const shown = async () => {
    const [frame] = await Promise.all([
      streamed(console, "api/live", new RegExp(`"address":"${host}[^}]*"sentence":"[^"]+"`), shownMs),
      wait(500).then(() => answered(console, "machine.scan", { target: host }, answerMs)),
    ]);
    return frame ? [] : [`the scan said nothing of ${host}`];
  };
  return { shown, end: () => tell(peers, { do: "stop", name }) };
}

/** What of the console makes it ask the service, and what its answer has to name. */
function ways(stage: Stage, row: Extract<Row, { of: "factory" | "kubernetes" }>, healthy: readonly string[]) {
  if (row.of === "factory") {
    const document = { customization: { extraKernelArgs: [`hostile=${row.trick}`] } };
    return { name: "schematic.register", input: async () => ({ document }), says: /Image Factory/ };
  }
  const input = async () => {
    const nodes = await Promise.all(healthy.slice(-2).map((name) => nodeNamed(stage.console, name)));
    const nodeIds = nodes.flatMap((node) => (node ? [node.id] : []));
    return { nodeIds, targetVersion: "v1.14.1", policy: {}, fresh: true };
  };
  return { name: "upgrade.plan", input, says: /Kubernetes/ };
}

async function hostileService(
  stage: Stage,
  row: Extract<Row, { of: "factory" | "kubernetes" }>,
  healthy: readonly string[],
): Promise<Act> {
  const { peers, console } = stage;
  await tell(peers, { do: "become", name: row.of, trick: row.trick });
  const { name, input, says } = ways(stage, row, healthy);
  const shown = async () => {
    const given = await input();
    const answers = await Promise.all(Array.from({ length: 4 }, () => answered(console, name, given, answerMs)));
    return answers.flatMap((text) => {
      if (text === null) return [`${name} gave no answer within ${answerMs / 1000} s`];
      if (text.includes('"code":"internal"')) return [`${name}: ${text.slice(0, 200)}`];
      return says.test(text) ? [] : [`${name} says nothing of it: ${text.slice(0, 200)}`];
    });
  };
  return { shown, end: () => tell(peers, { do: "become", name: row.of, trick: null }) };
}

/** Has a peer become hostile. `victim` is the node that a row about nodes may take. */
export function begin(stage: Stage, row: Row, victim: string, healthy: readonly string[]): Promise<Act> {
  if (row.of === "node") return hostileNode(stage, row, victim);
  return row.of === "machine" ? hostileMachine(stage, row) : hostileService(stage, row, healthy);
}
