import { describe, expect, test } from "vitest";
import type { TalosEvent } from "@/lib/talos/events";
import type { SequenceSign } from "./schema";
import { courseOf, signOf } from "./sequence-course";

const upgrade: SequenceSign = { what: "started", sequence: "upgrade" };
const phase = (name: string): SequenceSign => ({ what: "phase", phase: name });
const failed = (sequence = "upgrade"): SequenceSign => ({ what: "failed", sequence, message: "no" });
const at = (...signs: SequenceSign[]) => courseOf(signs);

describe("how far an upgrade came", () => {
  test.each<[string, SequenceSign[], object]>([
    ["nothing was heard", [], { at: "not-begun", phase: null, failure: null, refused: false }],
    ["another sequence", [{ what: "started", sequence: "boot" }, phase("upgrade")], { at: "not-begun", phase: null }],
    ["it began", [upgrade], { at: "before-installer", phase: null }],
    ["it drains", [upgrade, phase("drain")], { at: "before-installer", phase: "drain" }],
    ["the installer runs", [upgrade, phase("drain"), phase("upgrade")], { at: "installer", phase: "upgrade" }],
    ["the installer is through", [upgrade, phase("upgrade"), phase("meta")], { at: "installed", phase: "meta" }],
    ["and stays through", [upgrade, phase("upgrade"), phase("meta"), phase("reboot")], { at: "installed" }],
    ["the installer failed", [upgrade, phase("upgrade"), failed()], { at: "installer", failure: "no" }],
    [
      "what follows a failure",
      [upgrade, phase("upgrade"), failed(), phase("meta")],
      { at: "installer", failure: "no" },
    ],
    ["the failure of another sequence", [upgrade, phase("drain"), failed("boot")], { failure: null }],
    ["a refusal", [{ what: "refused", sequence: "upgrade" }], { at: "not-begun", refused: true }],
    [
      "a second call that is refused while it runs",
      [upgrade, { what: "refused", sequence: "upgrade" }],
      { refused: false },
    ],
    ["another attempt", [upgrade, phase("upgrade"), failed(), upgrade], { at: "before-installer", failure: null }],
  ])("%s", (_name, signs, expected) => expect(at(...signs)).toMatchObject(expected));
});

describe("what an event says", () => {
  const event = (payload: object): TalosEvent => ({ id: "1", actorId: "", ...payload }) as TalosEvent;
  const sequence = (action: string, error: object | null) =>
    event({ kind: "sequence", sequence: "upgrade", action, error });
  test.each<[string, TalosEvent, SequenceSign | null]>([
    ["a start", sequence("start", null), upgrade],
    ["an end", sequence("stop", null), null],
    ["a failure", sequence("noop", { code: "fatal", message: "no" }), failed()],
    ["one that made way", sequence("noop", { code: "canceled", message: "no" }), failed()],
    [
      "a restart, which is none",
      sequence("noop", { code: "fatal", message: "task 1/1: failed, unix.Reboot(1234567)" }),
      null,
    ],
    ["a refusal", sequence("noop", { code: "locked", message: "locked" }), { what: "refused", sequence: "upgrade" }],
    ["a phase", event({ kind: "phase", phase: "upgrade", action: "start" }), phase("upgrade")],
    ["the end of a phase", event({ kind: "phase", phase: "upgrade", action: "stop" }), null],
    ["anything else", event({ kind: "task", task: "upgrade", action: "start" }), null],
  ])("%s", (_name, given, expected) => expect(signOf(given)).toEqual(expected));
});
