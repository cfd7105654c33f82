import { describe, expect, test } from "vitest";
import {
  type HeldReading,
  type HoldSituation,
  type MemberReading,
  holdStep,
  obeyMs,
  sameBoot,
  settleMs,
} from "./hold-course";
import { type Hold, callMs, returnMs } from "./holds";

const sinceMs = 1_000_000;
const plane: Hold = {
  ...{ nodeId: "cp1", clusterId: "c", nodeName: "cp-1", operation: "node.reboot", runId: null },
  ...{ actor: "user:1", actorName: "olga", phase: "awaiting", takesPlane: true, ends: "return" },
  ...{ memberId: "m1", bootId: "boot-1", wentAt: null, owner: "host|1|x" },
  ...{ since: new Date(sinceMs), until: new Date(sinceMs + returnMs) },
};
const worker: Partial<Hold> = { takesPlane: false, memberId: null };
const up = (changes: Partial<NonNullable<HeldReading>> = {}): HeldReading => ({
  ...{ bootId: "boot-1", running: true, ready: true },
  ...changes,
});
const another = up({ bootId: "boot-2" });
const went = { wentAt: new Date(sinceMs + 5_000) };

type Given = {
  hold?: Partial<Hold>;
  node?: HeldReading;
  member?: MemberReading;
  afterMs?: number;
} & Partial<Pick<HoldSituation, "forgotten" | "ownerEnded">>;

const step = ({ hold = {}, node = null, member = "missing", afterMs = 10_000, ...rest }: Given) =>
  holdStep({
    ...{ hold: { ...plane, ...hold }, nowMs: sinceMs + afterMs, node, member: async () => member },
    ...{ forgotten: false, ownerEnded: false, ...rest },
  });

const wait = { do: "wait" };
const release = { do: "release" };
const away = { do: "note", data: { phase: "away" } };
const awaiting = { do: "note", data: { phase: "awaiting" } };
const seenGone = { do: "note", data: { wentAt: new Date(sinceMs + 10_000) } };

describe.each<[string, [string, Given, object][]]>([
  [
    "a call that is being made",
    [
      ["is waited for", { hold: { phase: "calling" }, node: another, member: "healthy" }, wait],
      ["is nobody's once its process has ended", { hold: { phase: "calling" }, ownerEnded: true }, awaiting],
      [
        "at its very end is still waited for",
        { hold: { phase: "calling", until: new Date(sinceMs + callMs) }, afterMs: callMs },
        wait,
      ],
      [
        "is over in time",
        { hold: { phase: "calling", until: new Date(sinceMs + callMs) }, afterMs: callMs + 1 },
        awaiting,
      ],
      ["of a node that was removed ends", { hold: { phase: "calling" }, forgotten: true }, release],
    ],
  ],
  [
    "a control plane that reboots",
    [
      ["is first seen away", { node: null }, seenGone],
      ["and not noted twice", { hold: went, node: null }, wait],
      ["may be seen on its way down", { node: up({ running: false, ready: false }) }, seenGone],
      ["has not gone yet", { node: up() }, wait],
      ["is back and well", { node: another, member: "healthy" }, release],
      ["is back, and its etcd is not", { node: another, member: "missing" }, wait],
      ["is back, and etcd cannot be read", { node: another, member: null }, wait],
      ["is back and healthy, but not ready", { node: up({ bootId: "boot-2", ready: false }), member: "healthy" }, wait],
      ["is back and boots", { node: up({ bootId: "boot-2", running: false }), member: "healthy" }, wait],
      ["is back without its etcd for too long", { node: another, hold: went, afterMs: 5_000 + settleMs + 1 }, away],
      ["is back without its etcd for just so long", { node: another, hold: went, afterMs: 5_000 + settleMs }, wait],
      ["is back, and nobody saw it go", { node: another, afterMs: settleMs + 1 }, away],
      ["is back, and its member has left", { node: another, member: "left" }, release],
      ["says no boot, and was never seen away", { node: up({ bootId: null }), member: "healthy" }, wait],
      ["says no boot, and was seen away", { node: up({ bootId: null }), hold: went, member: "healthy" }, release],
      ["never said its boot, and was never seen away", { node: up(), hold: { bootId: null }, member: "healthy" }, wait],
      [
        "is back without its etcd when its time is over",
        { node: another, hold: { wentAt: new Date(sinceMs + returnMs) }, afterMs: returnMs + 1 },
        away,
      ],
      ["never said its boot", { node: up(), hold: { ...went, bootId: null }, member: "healthy" }, release],
      ["has not obeyed", { node: up(), member: "healthy", afterMs: obeyMs + 1 }, release],
      ["has not obeyed, as far as etcd can be read", { node: up(), member: null, afterMs: obeyMs + 1 }, release],
      ["has just so long to obey", { node: up(), member: "healthy", afterMs: obeyMs }, wait],
      ["has stopped its etcd and stays up", { node: up(), member: "missing", afterMs: obeyMs + 1 }, wait],
      ["stays up and is not ready", { node: up({ ready: false }), member: "healthy", afterMs: obeyMs + 1 }, wait],
      ["does not come back in time", { node: null, hold: went, afterMs: returnMs + 1 }, away],
      ["has just so long to come back", { node: null, hold: went, afterMs: returnMs }, wait],
    ],
  ],
  [
    "one that counts as missing",
    [
      ["stays so while it is away", { hold: { ...went, phase: "away" }, node: null, afterMs: 9 * returnMs }, wait],
      [
        "stays so while its etcd is not healthy",
        { hold: { ...went, phase: "away" }, node: another, afterMs: 9 * returnMs },
        wait,
      ],
      ["is well again", { hold: { ...went, phase: "away" }, node: another, member: "healthy" }, release],
      ["has left etcd for good", { hold: { ...went, phase: "away" }, node: null, member: "left" }, release],
      [
        "was switched off, and has left etcd",
        { hold: { ...went, phase: "away", ends: "gone" }, node: null, member: "left" },
        release,
      ],
      ["was switched off, and is gone", { hold: { ...went, phase: "away", ends: "gone" }, node: null }, wait],
      ["is none of etcd's", { hold: { ...worker, ...went, phase: "away" }, node: null, member: "left" }, wait],
    ],
  ],
  [
    "one that is switched off",
    [
      [
        "goes",
        { hold: { ends: "gone" }, node: null },
        { do: "note", data: { phase: "away", wentAt: new Date(sinceMs + 10_000) } },
      ],
      [
        "keeps the time when it went",
        { hold: { ends: "gone", ...went }, node: null },
        { do: "note", data: { phase: "away", ...went } },
      ],
      ["is on its way down", { hold: { ends: "gone" }, node: up({ running: false }) }, seenGone],
      ["is a worker, and gone", { hold: { ...worker, ends: "gone" }, node: null }, release],
      ["is a worker on its way down", { hold: { ...worker, ends: "gone" }, node: up({ running: false }) }, seenGone],
    ],
  ],
  [
    "a worker",
    [
      [
        "is back, however it is",
        { hold: worker, node: up({ bootId: "boot-2", ready: false, running: false }) },
        release,
      ],
      ["is away", { hold: worker, node: null }, seenGone],
      ["does not come back in time", { hold: { ...worker, ...went }, node: null, afterMs: returnMs + 1 }, release],
      ["has not obeyed", { hold: worker, node: up(), afterMs: obeyMs + 1 }, release],
    ],
  ],
  [
    "a service",
    [
      ["on a worker is over with its call", { hold: { ...worker, ends: "service" }, node: up() }, release],
      [
        "on a control plane is over when etcd is healthy",
        { hold: { ends: "service" }, node: up(), member: "healthy" },
        release,
      ],
      ["on a control plane waits for etcd", { hold: { ends: "service" }, node: up(), member: "missing" }, wait],
    ],
  ],
])("%s", (_name, cases) => {
  test.each(cases)("%s", async (_case, given, expected) => expect(await step(given)).toMatchObject(expected));
});

test("a node that is managed here no more is let go whatever it was", async () => {
  for (const phase of ["calling", "awaiting", "away"]) {
    expect(await step({ hold: { phase }, forgotten: true })).toMatchObject(release);
  }
});

test.each([
  ["boot-1", "boot-1", true],
  ["boot-1", "boot-2", false],
  ["started 100", "started 105", true],
  ["started 105", "started 100", true],
  ["started 100", "started 106", false],
  ["started 100", "boot-1", false],
  ["boot-1", "started 100", false],
  ["restarted 100", "restarted 105", false],
  ["started 100 s", "started 105 s", false],
])("%s and %s", (a, b, same) => expect(sameBoot(a, b)).toBe(same));
