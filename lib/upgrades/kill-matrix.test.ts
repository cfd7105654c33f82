import { describe, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { loadRun } from "./records";
import { type FakeSpec, type World, drive, driveUntilStopped, fakeWorld } from "./testing-run";

setUpTestDatabase();

/** Every fourth moment by default; all of them, which takes minutes, with ICHOR_LONG=1. */
const stride = process.env.ICHOR_LONG ? 1 : 4;

const brief = { soakMs: 1_000 };

/** What may never happen, whoever died when. */
function violations(world: World): string[] {
  const { trace, violations: down, nodes } = world.fleet;
  const found = [...down];
  for (const { name, version, cordoned } of nodes) {
    const mine = trace.filter(({ node }) => node === name);
    const of = (call: string) => mine.filter((entry) => entry.call === call);
    const installs = [...of("install"), ...of("upgrade")];
    if (new Set(installs.map(({ boot }) => boot)).size > 1) found.push(`${name}: installed in two boots`);
    // A call whose end nobody saw may be made once more in the same boot; one that ended may not.
    if (installs.length > 2) found.push(`${name}: installed ${installs.length} times`);
    for (const call of ["reboot", "upgrade"])
      if (of(call).length > 1) found.push(`${name}: ${call} ${of(call).length} times`);
    if (version !== "v1.14.0") found.push(`${name}: ends on ${version}`);
    if (cordoned) found.push(`${name}: left cordoned`);
  }
  const audited = (call: string, action: string) => {
    const made = trace.filter((entry) => entry.call === call).length;
    const said = world.audits.filter((audit) => audit.action === action).length;
    if (said < made) found.push(`${call}: ${made} calls, ${said} audited`);
  };
  audited("install", "node.install");
  audited("upgrade", "node.upgrade");
  audited("reboot", "node.reboot");
  audited("cordon", "node.cordon");
  return found;
}

async function outcome(
  specs: Record<string, FakeSpec>,
  at: number,
  end: typeof driveUntilStopped | typeof drive,
): Promise<{ at: number; state: string; found: string[] }> {
  const world = await fakeWorld(specs, brief);
  await end(world, { at, count: 0 });
  await drive(world);
  const run = await loadRun(world.runId);
  const seqs = await db.upgradeRunEvent.findMany({
    where: { runId: world.runId },
    orderBy: { seq: "asc" },
    select: { seq: true },
  });
  const found = violations(world);
  if (seqs.some(({ seq }, index) => seq !== index + 1)) found.push("events have a gap");
  return {
    at,
    state: `${run.state} ${run.nodes.map(({ state, reason }) => `${state} ${reason}`.trim()).join(", ")}`,
    found,
  };
}

const scenes: [string, Record<string, FakeSpec>][] = [
  ["worker", { w1: { role: "worker" }, w2: { role: "worker", inRun: false } }],
  [
    "control plane",
    {
      cp1: { role: "controlplane" },
      cp2: { role: "controlplane", inRun: false },
      cp3: { role: "controlplane", inRun: false },
    },
  ],
  ["older flow", { w1: { role: "worker", version: "v1.12.5" }, w2: { role: "worker", inRun: false } }],
];

/** Ends a runner at its moments, one world each, and has another go on. Gives what did not end as it should. */
async function everyMoment(specs: Record<string, FakeSpec>, end: typeof driveUntilStopped | typeof drive) {
  const whole = { at: Number.POSITIVE_INFINITY, count: 0 };
  await end(await fakeWorld(specs, brief), whole);
  // Only nodes of the run are expected to end on the target.
  const placed = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, spec.inRun === false ? { ...spec, version: "v1.14.0" } : spec]),
  );
  expect(whole.count).toBeGreaterThan(25);
  const bad: unknown[] = [];
  for (let at = 1; at <= whole.count; at += stride) {
    const result = await outcome(placed, at, end);
    if (result.state !== "done done" || result.found.length > 0) bad.push(result);
  }
  return bad;
}

describe("a runner that is killed at any moment, and another that takes over", () => {
  test.each(scenes)("%s: every kill point converges", { timeout: 240_000 }, async (_name, specs) => {
    expect(await everyMoment(specs, drive)).toEqual([]);
  });
});

describe("a runner that is told to stop at any moment, and another that goes on", () => {
  test.each(scenes.slice(1))(
    "%s: what was cut off is no failure of the node",
    { timeout: 240_000 },
    async (_name, specs) => {
      expect(await everyMoment(specs, driveUntilStopped)).toEqual([]);
    },
  );
});
