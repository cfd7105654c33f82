import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { gpuFromIds } from "@/lib/gpu/detect";
import { extensionsForNode } from "@/lib/gpu/profile-parts";
import { builtInProfile } from "@/lib/gpu/profiles";
import { focusNode } from "@/lib/inventory/focus";
import { importTalosconfig } from "@/lib/inventory/import-commands";
import { nodeReboot } from "@/lib/inventory/operations";
import { as, dataOf, named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import type { Fault, FaultKind } from "@/sim/control/fault";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { type GpuModelId, gpuModels } from "@/sim/hardware/pci";
import { demoNodes } from "@/sim/scenario/demo";
import type { NodeSpec } from "@/sim/scenario/node-spec";
import type { Runner } from "../runner";
import type { UpgradePolicy } from "../schema";
import { clock, goOn, unhurried, useFastRunner, useOwnClock, walk, works } from "./remedy-walk-testing";

/** A node's cards with their profiles, and what its faults are made of. */
export type Vendor = {
  gpus: readonly GpuModelId[];
  profileIds: readonly string[];
  extension: string;
  module: string;
  driver: string;
};
type Told = { says: RegExp };
type Row = {
  fault: (vendor: Vendor) => Fault;
  /** When it strikes: on the way from no profile, or on a node that works: at once, when it is dialled anew, or when it boots again. */
  strikes: "change" | "works" | "dial" | "boot";
  /** `works` in spite of it, or what is told until somebody has taken the cause away. */
  until: "works" | Told;
  /** A limit of the run that the fault has to run into. */
  policy?: Partial<UpgradePolicy>;
};

/** Every kind of fault of the simulator. A new one has to say here how people get out of it. */
export const faultTable: Record<FaultKind, Row> = {
  "slow-pull": { fault: () => ({ kind: "slow-pull", factor: 10 }), strikes: "change", until: "works" },
  "stalled-pull": {
    fault: () => ({ kind: "stalled-pull" }),
    strikes: "change",
    until: { says: /no progress/ },
    policy: { pullStallMs: 2_000 },
  },
  "installer-exit": {
    fault: () => ({ kind: "installer-exit", code: 4 }),
    strikes: "change",
    until: { says: /Exit code 4/ },
  },
  "installer-hangs": {
    fault: () => ({ kind: "installer-hangs" }),
    strikes: "change",
    until: { says: /has said nothing .* it hangs/ },
    policy: { stallMs: 2_000 },
  },
  "power-loss": {
    fault: () => ({ kind: "power-loss", during: "install" }),
    strikes: "change",
    until: { says: /lost power|loss of power/ },
  },
  "image-not-found": {
    fault: () => ({ kind: "image-not-found" }),
    strikes: "change",
    until: { says: /not found/ },
  },
  rollback: { fault: () => ({ kind: "rollback" }), strikes: "change", until: { says: /fell back/ } },
  "never-returns": {
    fault: () => ({ kind: "never-returns" }),
    strikes: "change",
    until: { says: /has not come back/ },
    policy: { returnTimeoutMs: 8_000 },
  },
  "blocked-drain": {
    fault: () => ({ kind: "blocked-drain" }),
    strikes: "change",
    until: { says: /PodDisruptionBudget/ },
    policy: { drainTimeoutMs: 2_000 },
  },
  flapping: { fault: () => ({ kind: "flapping", everyMs: 1_000_000 }), strikes: "change", until: "works" },
  "clock-skew": { fault: () => ({ kind: "clock-skew", skewMs: 3_600_000 }), strikes: "dial", until: { says: /clock/ } },
  "missing-extension": {
    fault: ({ extension }) => ({ kind: "missing-extension", extension }),
    strikes: "boot",
    until: { says: /not proven|not ready|extension/i },
  },
  "module-not-loaded": {
    fault: ({ module }) => ({ kind: "module-not-loaded", module }),
    strikes: "boot",
    until: { says: /kernel log/ },
  },
  "card-gone": { fault: () => ({ kind: "card-gone", index: 1 }), strikes: "boot", until: { says: /power/ } },
  "driver-not-bound": {
    fault: ({ driver }) => ({ kind: "driver-not-bound", driver }),
    strikes: "boot",
    until: { says: /kernel log/ },
  },
  "no-device-node": {
    fault: ({ driver }) => ({ kind: "no-device-node", driver }),
    strikes: "boot",
    until: { says: /services|kernel log/ },
  },
  "device-plugin-missing": {
    fault: () => ({ kind: "device-plugin-missing" }),
    strikes: "boot",
    until: { says: /Install|pods/ },
  },
  "volume-failed": {
    fault: () => ({ kind: "volume-failed", volume: "EPHEMERAL" }),
    strikes: "boot",
    until: { says: /does not change disks/ },
  },
  "etcd-member-lost": { fault: () => ({ kind: "etcd-member-lost" }), strikes: "works", until: { says: /etcd/ } },
  unreachable: {
    fault: () => ({ kind: "unreachable" }),
    strikes: "works",
    until: { says: /cannot switch a machine on/ },
  },
};

export const faultKinds = Object.keys(faultTable) as FaultKind[];
/** The one that only a control plane can have. */
const onControlPlane = "etcd-member-lost";

/** Nodes of one kind, one for each fault; `rows` where not all of them make sense for it. */
export type Group = { name: string; vendor: Vendor; rows?: readonly FaultKind[] };
type Case = { title: string; node: string; kind: FaultKind; vendor: Vendor };

const casesOf = ({ name, vendor, rows = faultKinds }: Group): Case[] =>
  rows.map((kind) => ({
    title: `${name}: ${kind}`,
    node: kind === onControlPlane ? "cp-01" : `${name}-${kind}`,
    kind,
    vendor,
  }));

/** The image and the kernel modules that a node of these cards needs. */
function image({ gpus, profileIds }: Vendor): Pick<NodeSpec, "extensions" | "modules"> {
  const profiles = profileIds.map((id) => {
    const profile = builtInProfile(id);
    if (!profile) throw new Error(`there is no profile ${id}`);
    return profile;
  });
  const cards = gpus.map((id, index) => gpuFromIds(`${gpuModels[id].vendorId}:${gpuModels[id].productId}`, index));
  const modules = profiles.flatMap(({ kernelModules }) => kernelModules.map(({ name }) => name));
  return { extensions: extensionsForNode(profiles, 14, { gpus: cards.filter((card) => card !== null) }), modules };
}

function scenario(cases: readonly Case[]): NodeSpec[] {
  const [controlPlane, worker] = ["cp-01", "gpu-08"].map((name) => demoNodes.find((node) => node.name === name));
  if (!controlPlane || !worker) throw new Error("the demo has other nodes");
  const workers = cases.filter(({ kind }) => kind !== onControlPlane);
  return [
    controlPlane,
    ...workers.map(({ node, kind, vendor }, index) => ({
      ...worker,
      name: node,
      host: `1.${30 + index}`,
      gpus: vendor.gpus,
      // Most have the image that they need from the start; those whose change is struck have all of it before them.
      ...(faultTable[kind].strikes === "change" ? { extensions: [], modules: [] } : image(vendor)),
    })),
  ];
}

/** One test per kind of fault: along the first remedy each time, to a node that works or to why it does not. */
export function testRemedies(...groups: readonly Group[]): void {
  const cases = groups.flatMap(casesOf);
  setUpTestDatabase();
  vi.setConfig({ testTimeout: 360_000, hookTimeout: 180_000 });
  let sim: SimFleet;
  let runner: Runner;

  beforeAll(async () => {
    process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
    const nodes = scenario(cases);
    sim = await startFleet({ scenario: nodes, speed: 100 });
    process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
    runner = useFastRunner();
    useOwnClock();
    await startWatcher();
    await importTalosconfig(systemContext("test"), { talosconfig: sim.talosconfig });
    await vi.waitFor(() => nodes.forEach(({ name }) => expect(named(name).ready).toBe(true)), {
      timeout: 120_000,
      interval: 50,
    });
  });
  afterAll(async () => {
    await runner?.stop();
    await stopWatcher();
    await sim?.stop();
    delete process.env.ICHOR_NODE_NETWORKS;
    delete process.env.ICHOR_FACTORY_URL;
  });

  test.each(cases.map((each) => [each.title, each] as const))("%s", async (_title, { node: name, kind, vendor }) => {
    const { fault, strikes, until, policy } = faultTable[kind];
    const walker = { runner, policy: { ...unhurried, ...policy } };
    clock.aheadMs = 0;
    const unfocus = focusNode(named(name).id);
    if (strikes !== "change") expect((await walk(walker, name)).end).toEqual({ ends: "works" });
    sim.fault(name, fault(vendor));
    if (strikes === "boot") {
      const { id, bootId } = named(name);
      dataOf(await as("operator", nodeReboot, { nodeId: id }));
      await vi.waitFor(
        () => {
          const { bootId: now, reachability } = named(name);
          expect(now !== bootId || reachability.state === "unreachable").toBe(true);
        },
        { timeout: 120_000 },
      );
    }
    if (strikes === "dial") sim.fault(name, { kind: "unreachable" });
    if (strikes === "works" || strikes === "dial")
      await vi.waitFor(() => expect(works(named(name))).toBe(false), { timeout: 120_000 });
    if (strikes === "dial") sim.clearFault(name, "unreachable");
    try {
      const { end, taken } = await walk(walker, name);
      if (until === "works") expect([end, taken]).toEqual([{ ends: "works" }, taken]);
      else expect(end).toEqual({ ends: "told", kind: expect.anything(), sentence: expect.stringMatching(until.says) });
    } finally {
      sim.clearFault(name);
    }
    await vi.waitFor(() => expect(named(name).reachability.state).toBe("reachable"), { timeout: 120_000 });
    await goOn(runner, name);
    // Whoever took the cause away finds the way on from what is offered then.
    const after = await walk(walker, name);
    expect([after.end, after.taken]).toEqual([{ ends: "works" }, after.taken]);
    unfocus();
  });
}
