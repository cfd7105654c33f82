import { expect, test } from "vitest";
import type { GpuDevice } from "@/lib/gpu/schema";
import { testFacts, testRecord } from "../testing";
import { initialNodeState, type NodeState, reduceNode } from "../node-state";

const card = (pciAddress: string): GpuDevice => ({
  pciAddress,
  vendor: "nvidia",
  vendorId: "10de",
  deviceId: "2684",
  model: "RTX 4090",
  generation: "Ada",
  chip: "AD102",
  driver: null,
});
const [first, second] = [card("0000:01:00.0"), card("0000:02:00.0")];
type Facts = Parameters<typeof testFacts>[0];
const after = (from: NodeState, ...readings: Facts[]): NodeState =>
  readings.reduce<NodeState>((state, facts) => reduceNode(state, { kind: "facts", atMs: 1, facts: facts ?? {} }), from);
const goneIn = ({ facts }: NodeState) => facts.gpusGone.map(({ gpu }) => gpu.pciAddress);
const two = (bootId: string | null) => initialNodeState(testRecord(), testFacts({ bootId, gpus: [first, second] }));

test.each<[string, NodeState, Facts[]]>([
  ["with the new boot", two("a"), [{ bootId: "b", gpus: [first] }]],
  ["before the new boot is told", two("a"), [{ gpus: [first] }, { bootId: "b" }]],
  ["after it is told", two("a"), [{ bootId: "b" }, { gpus: [first] }]],
  ["through a bus that is being scanned", two("a"), [{ bootId: "b", gpus: [] }, { gpus: [first] }]],
  ["in the midst of a boot", two("a"), [{ gpus: [first] }]],
  [
    "on a release without boot IDs",
    two(null),
    [{ stage: "rebooting" }, { stage: "booting", gpus: [] }, { gpus: [first] }],
  ],
])("a card that is missed %s is told", (_name, from, readings) => {
  expect(goneIn(after(from, ...readings))).toEqual([second.pciAddress]);
});

test("one that is there again is not gone, whenever it comes", () => {
  expect(goneIn(after(two("a"), { bootId: "b", gpus: [] }, { gpus: [second, first] }))).toEqual([]);
  expect(goneIn(after(two("a"), { gpus: [first] }, { bootId: "b" }, { gpus: [first, second] }))).toEqual([]);
});

test("after another boot or two its absence is taken for granted", () => {
  const gone = after(two("a"), { bootId: "b", gpus: [first] }, { bootId: "c", gpus: [first] });
  expect(goneIn(gone)).toEqual([second.pciAddress]);
  expect(goneIn(after(gone, { bootId: "d", gpus: [first] }))).toEqual([]);
});
