import { describe, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { loadRun } from "./records";
import { Runner } from "./runner";
import { defaultTuning } from "./step-context";
import { type FakeFaults } from "./testing-fleet";
import { drive, fakeWorld } from "./testing-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

const requestRetry = (id: string) => db.upgradeRun.update({ where: { id }, data: { requested: "retry" } });
const world = (faults: FakeFaults) =>
  fakeWorld({ w1: { role: "worker", version: "v1.12.5", faults }, w2: { role: "worker", version: "v1.12.5" } });

describe("the one call of Talos 1.12 and older: each fault has its own sentence and remedy", () => {
  type Case = [name: string, faults: FakeFaults, state: string, reason: RegExp, cordoned: boolean];
  test.each<Case>([
    [
      "the installer fails, and the node restarts",
      { legacy: "installer-fails" },
      "failed",
      /^The installer failed on the node: installer: exit code 6\. Its console says: “error: failed to write .* input\/output error” The installer could not read or write the disk\. .* try again\. It runs v1\.12\.5, as it was\.$/,
      false,
    ],
    [
      "the installer fails, and the node stays",
      { legacy: "installer-fails-and-stays" },
      "failed",
      /^The installer failed on the node: .*try again\. It has not restarted, and runs on as it was\.$/,
      false,
    ],
    [
      "a task before the installer fails",
      { legacy: "unmount-fails" },
      "failed",
      /^Its upgrade failed in the phase cleanup, before anything was installed: task "stopAllPods" failed: device is busy\./,
      false,
    ],
    [
      "power is lost while the installer writes",
      { legacy: "power-loss-in-installer" },
      "failed",
      /^It went away while the installer wrote the new image, without a word of an error, .*loss of power, or a crash\. See to its power supply/,
      false,
    ],
    [
      "power is lost before the installer",
      { legacy: "power-loss-before-installer" },
      "failed",
      /^It went away on the way to the installer, before anything was written, .*loss of power/,
      false,
    ],
    [
      "the boot loader goes back",
      { rollback: true },
      "rolled-back",
      /^It came back on v1\.12\.5: Talos fell back to the image that worked\..* The installer had succeeded: the new image did not start/,
      true,
    ],
    [
      "the installer hangs",
      { legacy: "installer-hangs" },
      "unknown",
      /^It stands still: for 10\u00a0min it has said nothing and has not restarted, in the stage upgrading\. Its last word was “.*upgrade.*” .* do not cut its power/,
      true,
    ],
    [
      "the call is taken and forgotten",
      { legacy: "forgotten" },
      "failed",
      /^It stands still: .* in the stage running\..* It took the upgrade call, and nothing came of it\./,
      false,
    ],
    [
      "another sequence runs",
      { legacy: "refused" },
      "failed",
      /^It took the call and did not begin: another sequence was running on it\./,
      false,
    ],
  ])("%s", async (_name, faults, state, reason, cordoned) => {
    const made = await world(faults);
    await drive(made);
    const run = await loadRun(made.runId);
    expect(run.nodes[0]?.reason).toMatch(reason);
    expect([run.state, run.nodes[0]?.state]).toEqual(["halted", state]);
    expect(made.fleet.node("w1").cordoned).toBe(cordoned);
    // The other one was not touched.
    expect(made.fleet.trace.filter(({ node }) => node === "w2")).toEqual([]);
    expect(made.reports).toEqual([]);
  });

  test.each([
    "installer-fails",
    "power-loss-in-installer",
    "power-loss-before-installer",
    "refused",
    "forgotten",
  ] as const)("after %s another attempt is made once it is asked for, and ends well", async (legacy) => {
    const made = await world({ legacy });
    await drive(made);
    made.fleet.node("w1").faults = {};
    await requestRetry(made.runId);
    await drive(made);
    const run = await loadRun(made.runId);
    expect(run.nodes.map(({ state, reason }) => [state, reason])).toEqual([
      ["done", ""],
      ["done", ""],
    ]);
    expect(made.fleet.nodes.map(({ cordoned }) => cordoned)).toEqual([false, false]);
  });

  test("a node that fell back is not taken up again", async () => {
    const made = await world({ rollback: true });
    await drive(made);
    await requestRetry(made.runId);
    await drive(made);
    expect((await loadRun(made.runId)).nodes[0]?.state).toBe("rolled-back");
    expect(made.fleet.trace.filter(({ node, call }) => node === "w1" && call === "upgrade")).toHaveLength(1);
  });

  test("what nobody watched is not said to be known", async () => {
    const made = await world({ legacy: "power-loss-in-installer" });
    const end = { at: Number.POSITIVE_INFINITY, count: 0 };
    const ports = made.ports(end);
    // The first runner dies with the answer to its call, and the node says nothing to the next one.
    const publish: typeof ports.publish = (frame) => {
      ports.publish(frame);
      if (frame.type !== "run.event" || frame.event.kind !== "call-outcome") return;
      if (frame.event.call !== "MachineService.Upgrade") return;
      end.at = end.count + 1;
      made.fleet.node("w1").said.length = 0;
    };
    const runner = new Runner({ ...ports, publish }, { ...defaultTuning, pollMs: 1_000, progressMs: 500 });
    runner.wake(made.runId);
    await made.clock.until(runner.idle());
    await db.upgradeRunEvent.deleteMany({ where: { runId: made.runId, kind: "sequence" } });
    await drive(made);
    const [node] = (await loadRun(made.runId)).nodes;
    expect(node?.state).toBe("rolled-back");
    expect(node?.reason).toMatch(
      /What happened on the way was not seen, so it may as well be that its installer failed/,
    );
  });
});
