import { expect, test } from "vitest";
import { type EtcdMember, mayLoseMember } from "./quorum";

const member = (id: string, changes: Partial<EtcdMember> = {}): EtcdMember => ({
  id,
  name: `cp-${id}`,
  learner: false,
  started: true,
  healthy: true,
  ...changes,
});
const of = (...changes: Partial<EtcdMember>[]) => ({
  members: changes.map((change, index) => member(String(index + 1), change)),
  alarms: [],
});

test.each([
  ["three that are well", of({}, {}, {}), "ok", /2 of 3 etcd members stay, the quorum is 2/],
  ["five that are well", of({}, {}, {}, {}, {}), "ok", /4 of 5 .* quorum is 3/],
  ["one alone", of({}), "warning", /no control plane while it reboots/],
  ["two", of({}, {}), "refused", /two members/],
  ["one of three unhealthy", of({}, { healthy: false }, {}), "refused", /cp-2 is not healthy/],
  ["one of five that cannot be asked", of({}, {}, { healthy: null }, {}, {}), "refused", /cp-3 could not be asked/],
  ["a learner", of({}, {}, {}, { learner: true }), "refused", /cp-4 is still a learner/],
  ["one that has not started", of({}, {}, { started: false, name: "" }), "refused", /member 3 has not started/],
  ["an alarm", { ...of({}, {}, {}), alarms: ["no-space"] }, "refused", /no-space/],
  ["nobody", of(), "refused", /empty/],
])("%s", (_name, etcd, state, sentence) => {
  const verdict = mayLoseMember(etcd, "1");
  expect(verdict.state).toBe(state);
  expect(verdict.sentence).toMatch(sentence);
});

test("a node that is no member is refused", () => {
  expect(mayLoseMember(of({}, {}, {}), "9")).toMatchObject({ state: "refused" });
});
