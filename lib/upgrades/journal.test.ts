import { beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { RunJournal } from "./journal";
import { claimRun, LeaseLost } from "./lease";
import { fakeWorld, type World } from "./testing-run";

setUpTestDatabase();
const owner = "host|1|aa";
let world: World;
let runId = "";
let fence = 0;
const open = (over = fence) => RunJournal.open({ runId, owner, fence: over }, world.ports());
beforeEach(async () => {
  world = await fakeWorld({ w1: { role: "worker" }, w2: { role: "worker" } });
  ({ runId } = world);
  fence = (await claimRun(runId, owner, world.clock.nowMs())) ?? expect.fail("not claimed");
});
const note = (text: string) => ({ kind: "note" as const, nodeId: "w1", text });
const runRow = () => db.upgradeRun.findUniqueOrThrow({ where: { id: runId } });
const seqs = async () =>
  (await db.upgradeRunEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } })).map(({ seq }) => seq);
const framesOf = (type: string) => world.frames.filter((frame) => frame.type === type);

test("a runner whose fence is old writes nothing more, although it still has the owner's name", async () => {
  const old = await open();
  await old.write({ events: [note("mine")] });
  // The same process claims it once more, as after a pause of its event loop.
  const newer = await claimRun(runId, owner, world.clock.nowMs());
  expect(newer).toBe(fence + 1);
  await expect(old.write({ events: [note("mine")] })).rejects.toThrow(LeaseLost);
  await expect(old.write({ run: { state: "done" } })).rejects.toThrow(LeaseLost);
  expect(await seqs()).toEqual([1]);
  expect(await runRow()).toMatchObject({ state: "planned" });
  const present = await open(fence + 1);
  await present.write({ events: [note("mine")] });
  expect(await seqs()).toEqual([1, 2]);
});

describe("events", () => {
  test("have numbers in one row over all writes and runners, and are published as they are stored", async () => {
    const first = await open();
    // Not waited for in between: writes take their turns.
    await Promise.all([
      first.write({ events: [note("a"), note("b"), note("c")] }),
      first.write({ events: [note("d")] }),
    ]);
    await (await open()).write({ events: [note("e")] });
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    const published = framesOf("run.event").map((frame) => "event" in frame && frame.event);
    expect(published.map((event) => event && [event.seq, "text" in event && event.text])).toEqual([
      ...[
        [1, "a"],
        [2, "b"],
        [3, "c"],
        [4, "d"],
        [5, "e"],
      ],
    ]);
    const rows = await db.upgradeRunEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });
    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toEqual(published);
    expect(rows[0]).toMatchObject({ nodeId: "w1", kind: "note", at: new Date(world.clock.nowMs()) });
  });

  test("go on after a write that failed", async () => {
    const journal = await open();
    await expect(journal.write({ node: { rowId: "none", data: {} }, events: [note("a")] })).rejects.toThrow();
    expect([await seqs(), world.frames]).toEqual([[], []]);
    await journal.write({ events: [note("b")] });
    expect(await seqs()).toEqual([1]);
  });
});

describe("a write", () => {
  test("extends the lease", async () => {
    const journal = await open();
    await world.clock.until(world.clock.sleep(4_000));
    await journal.write({});
    expect((await runRow()).leaseUntil).toEqual(new Date(world.clock.nowMs() + 15_000));
  });

  test("takes off the wish that it answers, and no other", async () => {
    const journal = await open();
    await db.upgradeRun.update({ where: { id: runId }, data: { requested: "cancel" } });
    await journal.write({ events: [note("a")] });
    await journal.write({ answers: "pause" });
    expect((await runRow()).requested).toBe("cancel");
    await journal.write({ answers: "cancel" });
    expect((await runRow()).requested).toBeNull();
  });

  test("of a wish's answer touches no other run", async () => {
    const other = await fakeWorld({ w1: { role: "worker" } });
    await db.upgradeRun.updateMany({ data: { requested: "pause" } });
    await (await open()).write({ answers: "pause" });
    expect((await db.upgradeRun.findUniqueOrThrow({ where: { id: other.runId } })).requested).toBe("pause");
  });

  test("changes one node's row", async () => {
    const rowId = `${runId}_1`;
    await (await open()).write({ node: { rowId, data: { reason: "Waits." } } });
    const rows = await db.upgradeRunNode.findMany({ where: { runId }, orderBy: { position: "asc" } });
    expect(rows.map(({ reason }) => reason)).toEqual(["", "Waits."]);
  });

  test.each([
    ["of the run", () => ({ run: { reason: "Goes on." } }), true],
    ["of a node", () => ({ node: { rowId: `${runId}_0`, data: {} } }), true],
    ["that answers a wish", () => ({ answers: "pause" as const }), true],
    ["of events alone", () => ({ events: [note("a")] }), false],
    ["of nothing", () => ({}), false],
  ])("%s is published with the run as it is then: %s", async (_, entry, published) => {
    const journal = await open();
    await journal.write({ events: [note("a"), note("b")] });
    expect(framesOf("run.upsert")).toEqual([]);
    await journal.write(entry());
    const run = { id: runId, lastSeq: 2, nodes: [{ name: "w1" }, { name: "w2" }] };
    expect(framesOf("run.upsert")).toMatchObject(published ? [{ type: "run.upsert", run }] : []);
  });
});

describe("an upgrade that is done makes the image that runs the recorded one", () => {
  const [schematicId, old, installImage] = ["a".repeat(64), "factory.test/x:v1.13.4", "factory.test/x:v1.14.0"];
  const imageOf = async (id: string) => (await db.node.findUniqueOrThrow({ where: { id } })).installImage;
  const add = (id: string, image: string | null, schematic = schematicId) =>
    db.node.create({
      data: { id, address: `10.0.0.1:${id}`, role: "worker", schematicId: schematic, installImage: image },
    });
  beforeEach(async () => {
    await db.node.deleteMany();
    await db.schematic.deleteMany();
    for (const id of [schematicId, "b".repeat(64)])
      await db.schematic.create({ data: { id, canonical: "", factoryUrl: "" } });
  });

  test("where the intent is the same", async () => {
    await add("1", old);
    await add("2", old);
    await (await open()).write({ installed: { nodeId: "1", schematicId, installImage } });
    expect([await imageOf("1"), await imageOf("2")]).toEqual([installImage, old]);
  });
  test("not where another schematic is wanted meanwhile, or none was recorded", async () => {
    await add("1", old, "b".repeat(64));
    await add("2", null);
    for (const nodeId of ["1", "2"]) await (await open()).write({ installed: { nodeId, schematicId, installImage } });
    expect([await imageOf("1"), await imageOf("2")]).toEqual([old, null]);
  });
});
