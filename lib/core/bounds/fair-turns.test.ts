import { expect, test } from "vitest";
import { FairTurns, NoTurn } from "./fair-turns";

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for a turn and notes in `log` when it comes; gives what ends it. */
function ask(turns: FairTurns, holder: string, log: string[], signal?: AbortSignal) {
  const turn = turns.enter(holder, signal);
  const state: { end: () => void; error: unknown } = { end: () => undefined, error: null };
  turn.then(
    (end) => {
      log.push(holder);
      state.end = end;
    },
    (error: unknown) => (state.error = error),
  );
  return state;
}

const limits = { atOnce: 2, atOncePerHolder: 1, waiting: 6, waitingPerHolder: 4 };

test("one holder never has all places, and others come in turn however much it asks", async () => {
  const turns = new FairTurns(limits);
  const log: string[] = [];
  const eve = Array.from({ length: 4 }, () => ask(turns, "eve", log));
  const ada = ask(turns, "ada", log);
  await tick();
  expect(log).toEqual(["eve", "ada"]);
  const bob = ask(turns, "bob", log);
  ada.end();
  await tick();
  expect(log).toEqual(["eve", "ada", "bob"]);
  const again = ask(turns, "ada", log);
  bob.end();
  // Ended twice counts once.
  bob.end();
  eve[0]?.end();
  await tick();
  expect(log).toEqual(["eve", "ada", "bob", "ada", "eve"]);
  again.end();
});

test("a holder's line is bounded; where all lines are full, the longest gives way to whoever has less", async () => {
  const turns = new FairTurns(limits);
  const log: string[] = [];
  const eve = Array.from({ length: 5 }, () => ask(turns, "eve", log));
  expect(turns.waiting).toBe(4);
  const refused = ask(turns, "eve", log);
  await tick();
  expect(refused.error).toMatchObject({ of: "holder" });
  ask(turns, "ada", log);
  ask(turns, "ada", log);
  ask(turns, "ada", log);
  expect(turns.waiting).toBe(6);
  ask(turns, "bob", log);
  await tick();
  expect(turns.waiting).toBe(6);
  expect(eve.map(({ error }) => error instanceof NoTurn)).toEqual([false, false, false, false, true]);
  const [cid, dan, zoe, yan] = ["cid", "dan", "zoe", "yan"].map((name) => ask(turns, name, log));
  await tick();
  // Six holders with one each, and nobody has more than the one who asks.
  expect([cid, dan, zoe].map((state) => state?.error)).toEqual([null, null, null]);
  expect(yan?.error).toMatchObject({ of: "all" });
});

test("whoever leaves does not wait any more", async () => {
  const turns = new FairTurns({ ...limits, atOnce: 1 });
  const log: string[] = [];
  const first = ask(turns, "ada", log);
  const gone = new AbortController();
  const left = ask(turns, "eve", log, gone.signal);
  const bob = ask(turns, "bob", log);
  await tick();
  gone.abort(new Error("gone"));
  await tick();
  expect(left.error).toMatchObject({ message: "gone" });
  expect(turns.waiting).toBe(1);
  first.end();
  await tick();
  expect(log).toEqual(["ada", "bob"]);
  bob.end();
  await expect(turns.enter("eve", gone.signal)).rejects.toThrow("gone");
});
