import { describe, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { CardComparison } from "@/lib/gpu/chain-schema";
import type { GpuDriver } from "@/lib/gpu/drivers";
import { loadRun } from "./records";
import { type PlanCheck, runEvent } from "./schema";
import { type BreakableLink, breakableLinks, type FakeCard, fakeCards } from "./testing-hardware";
import { drive, type FakeSpec, fakeWorld } from "./testing-run";

setUpTestDatabase();
vi.setConfig({ testTimeout: 120_000 });

type Node = { name: string; cards: FakeCard[]; driver: GpuDriver };
const { open, proprietary, amd, i915, xe } = fakeCards;
const nodes: Node[] = [
  { name: "NVIDIA open", cards: [open, open], driver: "nvidia" },
  { name: "NVIDIA proprietary", cards: [proprietary], driver: "nvidia" },
  { name: "AMD", cards: [amd, amd], driver: "amdgpu" },
  { name: "Intel i915", cards: [i915, i915], driver: "i915" },
  { name: "Intel xe", cards: [xe], driver: "xe" },
  { name: "NVIDIA beside Intel, whose card loses it", cards: [open, i915], driver: "i915" },
  { name: "AMD beside NVIDIA, which loses it", cards: [amd, proprietary], driver: "nvidia" },
  { name: "i915 beside xe, which loses it", cards: [i915, xe], driver: "xe" },
];
const flows = [
  ["lifecycle", "v1.13.4"],
  ["legacy", "v1.12.5"],
] as const;

/** The check that refuses it, and the word that names what is lost. */
const refusals: Record<BreakableLink, { check: string; words: (driver: GpuDriver) => RegExp }> = {
  pci: { check: "gpus", words: () => /GPUs on the bus: On the PCI bus: \d of \d .* Missing: 0000:0\d:00\.0/ },
  extensions: { check: "extensions", words: () => /Extensions: Not loaded: / },
  modules: { check: "modules", words: (driver) => new RegExp(`GPU modules: .*${driver}: not loaded`) },
  driver: { check: "driver", words: (driver) => new RegExp(`GPU drivers: .*${driver} before, now no driver bound`) },
  "device-nodes": { check: "device-nodes", words: () => /GPU device nodes: .*now missing: \/dev\// },
  allocatable: { check: "allocatable", words: () => /GPUs in Kubernetes: .*: 0 of [12]/ },
};

async function run(spec: Omit<FakeSpec, "role">) {
  const other = { role: "worker", inRun: false, ...(spec.cards ? { cards: spec.cards } : {}) } as const;
  const world = await fakeWorld(
    { w1: { role: "worker", ...spec }, w2: other },
    { soakMs: 0, returnTimeoutMs: 3_600_000 },
  );
  await drive(world);
  const record = await loadRun(world.runId);
  const events = await db.upgradeRunEvent.findMany({
    where: { runId: world.runId, kind: "proof" },
    orderBy: { seq: "asc" },
  });
  const proofs = events.flatMap(({ body }) => {
    const event = runEvent.parse(JSON.parse(body));
    return event.kind === "proof" ? [event] : [];
  });
  const last = proofs.at(-1);
  const checks: readonly PlanCheck[] = last?.checks ?? [];
  const gpus: readonly CardComparison[] = last?.gpus ?? [];
  return { world, record, node: record.nodes[0], proofs, checks, gpus };
}
const changesOf = (gpus: readonly CardComparison[], id: string) =>
  gpus.map(({ links }) => links.find((link) => link.id === id)?.change);

describe.each(nodes)("a node with $name", ({ cards, driver }) => {
  describe.each(flows)("by the %s flow", (flow, version) => {
    test("whose links are as before is done", async () => {
      const { record, node, checks, gpus } = await run({ version, cards });
      expect(node).toMatchObject({ state: "done", reason: "", flow });
      expect(record.state).toBe("done");
      expect(checks.filter(({ state }) => state !== "ok")).toEqual([]);
      for (const id of breakableLinks) expect(changesOf(gpus, id)).toEqual(cards.map(() => "kept"));
    });

    test.each(breakableLinks)("that loses its link %s is not proven, and halts the run", async (link) => {
      const { record, node, checks, gpus, world } = await run({
        version,
        cards,
        faults: { breaks: [{ link, driver }] },
      });
      expect(record.state).toBe("halted");
      expect(node).toMatchObject({ state: "failed", flow });
      expect(node?.reason).toMatch(/^It came back, but is not proven\. /);
      expect(node?.reason).toMatch(refusals[link].words(driver));
      expect(node?.reason).toMatch(/stays cordoned/);
      expect(node?.reason).toMatch(/ Read at \d\d:\d\d:\d\d UTC in the boot boot-2\./);
      expect(checks.find(({ id }) => id === refusals[link].check)?.state).toBe("refused");
      expect(changesOf(gpus, link)).toContain("lost");
      if (link !== "allocatable") expect(node?.reason).toContain(`its link ${link} failed`);
      expect(world.fleet.node("w1").cordoned).toBe(true);
    });

    test("where a link was broken before and is so after, it is said and no failure", async () => {
      const broken = [{ link: "driver", driver } as const];
      const { node, checks, gpus } = await run({ version, cards, broken });
      expect(node).toMatchObject({ state: "done", reason: "" });
      expect(checks.find(({ id }) => id === "driver")).toMatchObject({
        state: "warning",
        detail: expect.stringMatching(/no driver bound, as before/),
      });
      expect(changesOf(gpus, "driver")).toContain("still-broken");
    });

    test("where a link gets better, that is said", async () => {
      const { node, checks, gpus } = await run({
        version,
        cards,
        broken: [{ link: "modules", driver }],
        faults: { breaks: [] },
      });
      expect(node).toMatchObject({ state: "done", reason: "" });
      expect(checks.find(({ id }) => id === "modules")).toMatchObject({
        state: "ok",
        detail: expect.stringMatching(/^Better than before\./),
      });
      expect(changesOf(gpus, "modules")).toContain("gained");
    });
  });
});

describe("what Kubernetes offers of the cards", () => {
  const cards = [open, open];

  test("has minutes to come back: a device plugin that is late is no failure", async () => {
    const { node, proofs } = await run({ cards, faults: { pluginsMs: 6 * 60_000 } });
    expect(node).toMatchObject({ state: "done", reason: "" });
    const waiting = proofs[0]?.checks.find(({ id }) => id === "allocatable");
    expect(waiting).toMatchObject({
      state: "warning",
      detail: expect.stringMatching(/0 of 2.*It has time to come back/),
    });
  });

  test("and is a refusal when that is over", async () => {
    const { node } = await run({ cards, faults: { pluginsMs: 30 * 60_000 } });
    expect(node?.reason).toMatch(/GPUs in Kubernetes: .*nvidia\.com\/gpu: 0 of 2/);
  });

  test("is told at once where Kubernetes does not take us any more, and not after its grace", async () => {
    const { record, node, world } = await run({ cards, faults: { kubernetes: "refused" } });
    expect(record.state).toBe("halted");
    expect(node?.reason).toMatch(
      /GPUs in Kubernetes: nvidia\.com\/gpu: 2 before; now .*does not take us\. Try again\./,
    );
    const proving = (node?.finishedAt?.getTime() ?? 0) - world.fleet.node("w1").upSinceMs;
    expect(proving).toBeLessThan(60_000);
  });

  test.each(["unavailable", "no-node"] as const)("is not proven while Kubernetes is %s", async (kubernetes) => {
    const { record, node } = await run({ cards, faults: { kubernetes } });
    expect(record.state).toBe("halted");
    expect(node?.reason).toMatch(/GPUs in Kubernetes: nvidia\.com\/gpu: 2 before; now /);
  });
});

describe("a boot on the new image that does not end", () => {
  const hungBoot = "ext-nvidia-persistenced";

  test("because a driver was lost is not waited for: the run halts with the link, the service and the kernel's words", async () => {
    const faults = { hungBoot, breaks: [{ link: "modules", driver: "nvidia" } as const] };
    const { record, node, gpus } = await run({ cards: [open], faults });
    expect(record.state).toBe("halted");
    expect(node?.reason).toMatch(/^It is back on v1\.14\.0, but its boot does not end, and it is not proven\./);
    expect(node?.reason).toContain('Held by ext-nvidia-persistenced: Waiting for file "/sys/bus/pci/drivers/nvidia"');
    expect(node?.reason).toMatch(/GPU modules: .*nvidia: not loaded.* The kernel says: .*its link modules failed/);
    expect(node?.reason).not.toMatch(/Readiness|min:/);
    expect(changesOf(gpus, "modules")).toEqual(["lost"]);
  });

  test("though its cards are as before is waited for, and then told with what holds it", async () => {
    const { node } = await run({ cards: [open], faults: { hungBoot: "ext-qemu-guest-agent" } });
    expect(node?.reason).toMatch(
      /^It is back on v1\.14\.0 but not ready after 1\u00a0h: .*Held by ext-qemu-guest-agent: /,
    );
  });
});

test("an image without a driver is called so only where it has none", async () => {
  const { checks, node } = await run({ cards: [] });
  expect(node?.state).toBe("done");
  expect(checks.find(({ id }) => id === "modules")?.detail).toBe("It has no GPU that needs one.");
});
