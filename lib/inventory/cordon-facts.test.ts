import { expect, test } from "vitest";
import { cordonMark } from "@/lib/kubernetes/nodes";
import type { CordonView } from "./schema";
import { cordonFacts } from "./cordon-facts";

type Items = Parameters<typeof cordonFacts>[0];
const status = (unschedulable: boolean, mark?: string): Items => [
  {
    spec: {
      ...{ nodename: "n", nodeReady: true, unschedulable, labels: {} },
      annotations: mark === undefined ? {} : { [cordonMark]: mark },
    },
  } as Items[number],
];

test.each<[string, Items, CordonView]>([
  ["a node that does not say", [], { state: "unknown" }],
  ["one that takes pods", status(false), { state: "none" }],
  ["one with a mark that was left over", status(false, "run:run_1"), { state: "none" }],
  ["a run's cordon", status(true, "run:run_1"), { state: "ours", runId: "run_1" }],
  ["a cordon by hand, here", status(true, "operation:request_1"), { state: "ours", runId: null }],
  ["somebody else's", status(true), { state: "other" }],
  ["a mark without a word", status(true, "  "), { state: "other" }],
])("%s", (_name, items, cordon) => expect(cordonFacts(items)).toEqual({ cordon }));
