import { expect, test } from "vitest";
import { type EtcdMember, judgeLoss, quorumOf } from "./quorum";

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
const away = { away: "shut down by olga" };
const sick = { healthy: false };
const unasked = { healthy: null };

test.each([
  ["three that are well", of({}, {}, {}), "ok", /^2 of 3 etcd members stay, the quorum is 2\.$/],
  ["four that are well", of({}, {}, {}, {}), "ok", /^3 of 4 .* quorum is 3\.$/],
  ["five that are well", of({}, {}, {}, {}, {}), "ok", /^4 of 5 .* quorum is 3\.$/],
  ["one alone", of({}), "alone", /cp-1 is the only etcd member \(1 of 1\).*its data stays/],
  ["one alone that is sick", of(sick), "alone", /1 of 1/],
  [
    "two",
    of({}, {}),
    "refused",
    /^1 of 2 etcd members would stay healthy without cp-1; the quorum is 2\. Without a quorum nothing/,
  ],
  ["two, itself sick", of(sick, {}), "refused", /1 of 2/],
  ["another of three unhealthy", of({}, sick, {}), "refused", /1 of 3 .* quorum is 2\. cp-2 is not healthy\. Without/],
  ["another of three unasked", of({}, {}, unasked), "refused", /1 of 3 .* cp-3 could not be asked\./],
  [
    "another of three away by us",
    of({}, away, {}),
    "refused",
    /1 of 3 .* cp-2 was shut down by olga and is not back\./,
  ],
  ["itself of three unhealthy", of(sick, {}, {}), "ok", /2 of 3/],
  ["itself of three unasked", of(unasked, {}, {}), "ok", /2 of 3/],
  ["itself away by us", of(away, {}, {}), "ok", /2 of 3/],
  ["itself and another of three unhealthy", of(sick, sick, {}), "refused", /1 of 3/],
  [
    "another of five unasked",
    of({}, {}, unasked, {}, {}),
    "thin",
    /3 of 5 .* quorum is 3\. cp-3 could not be asked\.$/,
  ],
  [
    "two others of five missing",
    of({}, sick, away, {}, {}),
    "refused",
    /2 of 5 .* cp-2 is not healthy; cp-3 was shut down/,
  ],
  [
    "another learner",
    of({}, {}, {}, { learner: true }),
    "refused",
    /cp-4 is still a learner of etcd: etcd has 4 members \(cp-1, cp-2, cp-3, cp-4\)/,
  ],
  ["two other learners", of({}, { learner: true }, { learner: true }), "refused", /cp-2, cp-3 are still learners/],
  ["itself a learner", of({ learner: true }, {}, {}), "ok", /cp-1 is a learner .* 2 of 2 voters stay/],
  ["another that has not started", of({}, {}, { started: false, name: "" }), "refused", /member 3 has not started/],
  ["itself not started", of({ started: false, healthy: null }, {}, {}), "ok", /2 of 3/],
  ["an alarm", { ...of({}, {}, {}), alarms: ["no-space"] }, "refused", /raises an alarm: no-space/],
  ["two alarms", { ...of({}, {}, {}), alarms: ["no-space", "corrupt"] }, "refused", /no-space, corrupt/],
  ["an alarm, itself a learner", { ...of({ learner: true }, {}), alarms: ["corrupt"] }, "refused", /corrupt/],
  ["nobody", of(), "refused", /empty/],
])("%s", (_name, etcd, state, sentence) => {
  const verdict = judgeLoss(etcd, { memberId: "1", forGood: false });
  expect(verdict.state).toBe(state);
  expect(verdict.sentence).toMatch(sentence);
});

test.each([
  ["alone", of({}), "refused", /last healthy control plane.*lost for good/],
  ["two", of({}, {}), "refused", /1 of 2 .* from a snapshot only/],
  ["three that are well", of({}, {}, {}), "ok", /2 of 3/],
  ["another missing", of({}, away, {}), "refused", /1 of 3 .* from a snapshot only/],
])("for good: %s", (_name, etcd, state, sentence) => {
  const verdict = judgeLoss(etcd, { memberId: "1", forGood: true });
  expect(verdict.state).toBe(state);
  expect(verdict.sentence).toMatch(sentence);
});

test("a node that runs no member takes none away; one that should be in the list and is not is refused", () => {
  expect(judgeLoss(of({}, sick), { memberId: null, forGood: true })).toMatchObject({ state: "ok" });
  expect(judgeLoss(of({}), { memberId: null, forGood: false }).sentence).toBe(
    "etcd has 1 member (cp-1); this node runs none of them.",
  );
  const stranger = judgeLoss(of({}, {}, {}), { memberId: "9", forGood: false });
  expect(stranger).toMatchObject({ state: "refused", sentence: expect.stringContaining("not among the members") });
});

test("whatever is judged, a majority of the voters stays", () => {
  for (let voters = 2; voters <= 7; voters += 1) {
    for (let missing = 0; missing < voters; missing += 1) {
      const etcd = of({}, ...Array.from({ length: voters - 1 }, (_, index) => (index < missing ? sick : {})));
      const allowed = judgeLoss(etcd, { memberId: "1", forGood: false }).state !== "refused";
      expect(allowed, `${missing} of ${voters} missing`).toBe(voters - 1 - missing >= quorumOf(voters));
    }
  }
});
