import { describe, expect, test } from "vitest";
import { createFleet } from "@/lib/inventory/fleet";
import { testFacts, testRecord } from "@/lib/inventory/testing";
import { parseSchematic } from "@/lib/schematic/document";
import { planUpgrade } from "../plan";
import { knownReleases } from "../releases";
import { planInput, type PlanInput } from "../schema";
import { gatherFacts } from "./gather";
import type { PlanSources } from "./sources";

const schematics = [1, 2, 3].map((digit) => String(digit).repeat(64));
const versions = ["v1.12.11", "v1.13.9", "v1.13.4"];
const clusters = ["c1", "c2"];

/** `count` nodes of two clusters, three schematics and three releases, on sources that answer at once and count what they are asked. */
function fakes(count: number) {
  const fleet = createFleet({ now: () => 2_000 });
  const ids = Array.from({ length: count }, (_, at) => `node_${String(at).padStart(5, "0")}`);
  for (const [at, id] of ids.entries()) {
    const clusterId = clusters[at % 2] ?? "";
    const schematicId = schematics[at % 3] ?? "";
    fleet.put(
      testRecord({
        id,
        clusterId,
        schematicId,
        role: at < 6 ? "controlplane" : "worker",
        address: `10.0.0.${at}:50000`,
      }),
      testFacts({
        ...{ hostname: id, nodename: id, role: at < 6 ? "controlplane" : "worker" },
        ...{ runningSchematicId: schematicId, talosVersion: versions[at % 3] ?? "", kubernetesVersion: "v1.34.0" },
        ...{ extensions: [{ name: "iscsi-tools", version: "1" }], platform: "metal" },
      }),
    );
    fleet.apply(id, { kind: "reached", atMs: 1_500, certificateExpiresMs: 1e13, fingerprint: null });
  }
  const asked = new Map<string, number>();
  const count1 = (what: string) => asked.set(what, (asked.get(what) ?? 0) + 1);
  const document = parseSchematic("customization: {systemExtensions: {officialExtensions: [siderolabs/iscsi-tools]}}");
  const members = (clusterId: string) => ids.slice(0, 6).filter((_, at) => clusters[at % 2] === clusterId);
  const sources: PlanSources = {
    state: (id) => fleet.state(id),
    view: (id) => fleet.view(id),
    clusterSizes: () => new Map(clusters.map((id) => [id, count / 2])),
    askNode: async ({ id }) => {
      count1(`node ${id}`);
      return { unreachable: null, configuredModules: [], timeSynced: true, plainExtensions: null };
    },
    askConfigFit: async ({ id }, _state, hops) => {
      count1(`config ${id}`);
      return new Map(hops.map((hop) => [hop, []]));
    },
    askEtcd: async (id) => {
      count1(`etcd ${id}`);
      const etcdMembers = members(id).map((name) => ({ id: name, name, learner: false, started: true, healthy: true }));
      const memberIdByNode = new Map(members(id).map((name) => [name, name]));
      return { ok: true, etcd: { state: { members: etcdMembers, alarms: [] }, memberIdByNode, leaderId: null } };
    },
    askKubernetes: async (id) => {
      count1(`kubernetes ${id}`);
      return { ok: true };
    },
    askPods: async (id, names) => {
      count1(`pods ${id}`);
      return { ok: true, byNode: new Map(names.map((name) => [name, [`prod/web-${name}`]])) };
    },
    readOtherRuns: async () => {
      count1("runs");
      return new Map();
    },
    readTurnLengths: async () => {
      count1("turns");
      return { byNode: new Map(), byFlow: {} };
    },
    releasesKnown: async () => {
      count1("releases");
      return { tags: knownReleases, source: "factory" };
    },
    readOffered: async (tags) => {
      const distinct = [...new Set(tags)].sort();
      for (const tag of distinct) count1(`offered ${tag}`);
      return new Map(distinct.map((tag) => [tag, ["siderolabs/iscsi-tools"]]));
    },
    readSchematics: async (wanted) => {
      for (const id of wanted) count1(`schematic ${id}`);
      return {
        documents: new Map(wanted.map((id) => [id, document])),
        atFactory: new Map(wanted.map((id) => [id, "known" as const])),
      };
    },
    nowMs: () => 2_000,
  };
  return { ids, sources, asked };
}

const inputFor = (nodeIds: string[]): PlanInput => planInput.parse({ nodeIds, targetVersion: "v1.14.0" });
async function planOf({ ids, sources }: ReturnType<typeof fakes>, signal = new AbortController().signal) {
  const input = inputFor(ids);
  const facts = await gatherFacts(input, sources, { signal, fresh: false, freshNodes: false });
  return planUpgrade(facts, input, ({ schematicId, version }) => `factory.test/installer/${schematicId}:${version}`);
}

describe("a plan of a thousand nodes", () => {
  test("asks each node, cluster, schematic and release once", async () => {
    const world = fakes(1_000);
    const plan = await planOf(world);
    expect(plan.nodes).toHaveLength(1_000);
    expect(
      [...plan.checks, ...plan.nodes.flatMap(({ checks }) => checks)].filter(({ state }) => state === "refused"),
    ).toEqual([]);
    expect([...world.asked.values()].filter((times) => times > 1)).toEqual([]);
    const kinds = [...world.asked.keys()].filter((key) => !/^(?:node|config) /.test(key));
    expect(kinds.sort()).toEqual(
      [
        ...clusters.flatMap((id) => [`etcd ${id}`, `kubernetes ${id}`, `pods ${id}`]),
        ...schematics.map((id) => `schematic ${id}`),
        ...["offered v1.13.9", "offered v1.14.0", "releases", "runs", "turns"],
      ].sort(),
    );
  });

  test("costs as much per node as a small one: processor time grows in proportion", async () => {
    const cost = async (count: number): Promise<number> => {
      const world = fakes(count);
      await planOf(world);
      const runs: number[] = [];
      for (let run = 0; run < 5; run++) {
        const before = process.cpuUsage();
        await planOf(world);
        const { user, system } = process.cpuUsage(before);
        runs.push(user + system);
      }
      return Math.min(...runs) / count;
    };
    const small = await cost(125);
    // Anything that looks at all nodes for each one is eight times as dear here.
    expect((await cost(1_000)) / small).toBeLessThan(3);
  }, 60_000);
});

describe("while nodes are asked", () => {
  const options = (signal: AbortSignal, told: string[]) => ({
    ...{ signal, fresh: false, freshNodes: false },
    onProgress: (answered: number, of: number) => void told.push(`${answered} of ${of}`),
  });

  test("each answer is told as progress", async () => {
    const world = fakes(20);
    const told: string[] = [];
    await gatherFacts(inputFor(world.ids), world.sources, options(new AbortController().signal, told));
    expect(told).toEqual(world.ids.map((_, at) => `${at + 1} of 20`));
  });

  test("who leaves ends the plan, although nodes have not answered", async () => {
    const world = fakes(20);
    const told: string[] = [];
    const leaving = new AbortController();
    const sources: PlanSources = {
      ...world.sources,
      askNode: async (view, signal, fresh) => {
        if (view.id < (world.ids[5] ?? "")) return world.sources.askNode(view, signal, fresh);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
      },
    };
    const gathered = gatherFacts(inputFor(world.ids), sources, options(leaving.signal, told));
    setImmediate(() => leaving.abort(new Error("left")));
    await expect(gathered).rejects.toThrow("left");
    expect(told.at(-1)).toBe("5 of 20");
  });
});
