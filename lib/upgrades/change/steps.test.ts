import { expect, test } from "vitest";
import { changeSteps, type ChangeFacts } from "./steps";

type Node = ChangeFacts["node"];
const gpu = { pciAddress: "0000:01:00.0" } as Node["gpus"][number];
const proof = (state: Node["proofs"][number]["state"], why: string | null = null) =>
  ({ pciAddress: gpu.pciAddress, state, why }) as Node["proofs"][number];
const recorded = { profileIds: ["amd"], profileNames: ["amd"], schematicId: "b", installImage: "x" } as Node["intent"];
const nothing = {
  profileIds: [],
  profileNames: [],
  schematicId: null,
  installImage: null,
} as unknown as Node["intent"];
const node = (over: Partial<Node> = {}): Node => ({
  gpus: [gpu],
  proofs: [proof("broken", "The image lacks it.")],
  intent: recorded,
  suggestion: { profileId: "amd", profileIds: ["amd"], reason: "It fits." },
  assignment: [],
  runId: null,
  runningSchematicId: "a",
  clusterId: "c",
  ...over,
});
const planned = {
  nodes: [{ checks: [], repairs: [] }],
  skipped: [],
  checks: [],
  refused: false,
} as unknown as ChangeFacts["plan"];
const hangs = {
  ...planned,
  nodes: [
    { repairs: [], checks: [{ id: "nvidia-toolkit", title: "", state: "refused", detail: "Its boot would hang." }] },
  ],
} as unknown as ChangeFacts["plan"];
const states = (facts: Partial<ChangeFacts>) =>
  changeSteps({ node: node(), config: { state: "same" }, plan: planned, ...facts }).map(({ state }) => state);

test("the first step that is due is the current one; what an earlier one will change is not judged before it", () => {
  const unassigned = node({ assignment: ["amd"], intent: nothing, proofs: [proof("no-profile")] });
  expect(states({ node: unassigned, config: { state: "unread" }, plan: null })).toEqual([
    "current",
    "later",
    "later",
    "later",
  ]);
  // A plan that is refused for its config alone is no dead end: the config is what is offered.
  expect(states({ config: { state: "differs" }, plan: hangs })).toEqual(["done", "current", "later", "later"]);
  expect(states({})).toEqual(["done", "done", "current", "later"]);
  expect(states({ plan: hangs })).toEqual(["done", "done", "refused", "later"]);
  expect(states({ node: node({ runId: "run_1" }), plan: null })).toEqual(["done", "done", "working", "later"]);
});

test("a node that runs its image is proven by its cards alone", () => {
  const done = node({ runningSchematicId: "b", proofs: [proof("working")] });
  expect(states({ node: done, plan: { ...planned, nodes: [] } as never })).toEqual(["done", "done", "done", "done"]);
  const broken = node({ runningSchematicId: "b" });
  expect(states({ node: broken, plan: { ...planned, nodes: [] } as never })).toEqual([
    "done",
    "done",
    "done",
    "current",
  ]);
  const again = { ...planned, nodes: [{ checks: [], repairs: ["the extension amdgpu"] }] } as never;
  const [, , upgrade] = changeSteps({ node: broken, config: { state: "same" }, plan: again });
  expect(upgrade).toMatchObject({
    state: "current",
    sentence: expect.stringContaining("bring back the extension amdgpu"),
  });
});

test("what was not read is not known, and a card that no profile drives says why", () => {
  expect(states({ config: { state: "unread" }, plan: null })).toEqual(["done", "unknown", "unknown", "current"]);
  const hopeless = node({ suggestion: null, intent: nothing, proofs: [proof("no-profile", "Kepler is too old.")] });
  expect(changeSteps({ node: hopeless, config: { state: "unread" }, plan: null })[0]).toEqual({
    id: "profile",
    state: "refused",
    sentence: "Kepler is too old.",
  });
});

test("a node without a GPU has only its image to change", () => {
  const plain = node({
    gpus: [],
    proofs: [],
    suggestion: null,
    intent: { ...recorded, profileIds: [], profileNames: [] },
  });
  expect(states({ node: plain })).toEqual(["not-needed", "done", "current", "not-needed"]);
});
