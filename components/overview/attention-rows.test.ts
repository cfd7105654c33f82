import { expect, test } from "vitest";
import type { Attention, NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";
import { attentionRows } from "./attention-rows";

const node = (id: string, item: Attention) =>
  ({
    id,
    name: id,
    address: "10.0.0.1:50000",
    gpus: [],
    suggestion: { profileId: "amd" },
    attention: [item],
  }) as unknown as NodeView;
const drift: Attention = { kind: "drift", tone: "info", sentence: "The images differ.", detail: "" };
const noProfile: Attention = { kind: "gpu-not-working", tone: "warn", sentence: "No profile.", detail: "" };

test("what one node needs is done on its page", () => {
  const [row] = attentionRows([node("a", drift)], []);
  expect(row).toMatchObject({ subject: { label: "a", href: "/nodes/a" }, action: { href: "/nodes/a/upgrades" } });
});

test("what many nodes need leads to all of them, never to the first alone", () => {
  const [row] = attentionRows(
    ["a", "b", "c", "d"].map((id) => node(id, noProfile)),
    [],
  );
  const href = "/nodes?proof=no-profile";
  expect(row).toMatchObject({ subject: { label: "a and 3 more", href }, action: { label: "Show 4\u00a0nodes", href } });
  expect(
    attentionRows(
      ["a", "b"].map((id) => node(id, drift)),
      [],
    )[0]?.action.href,
  ).toBe("/nodes?attention=drift");
});

test("a halted run waits for a person, a running one does not", () => {
  const run = { id: "run_1", title: "Upgrade 2 nodes", state: "halted", reason: "gpu-07 failed." } as RunSummary;
  expect(attentionRows([], [run, { ...run, state: "running" }])).toMatchObject([
    { kind: "halted", sentence: "is halted: gpu-07 failed.", action: { href: "/upgrades/run_1" } },
  ]);
});

test("nodes that are away for the same reason are one row", () => {
  const away = (id: string): Attention => ({
    kind: "unreachable",
    tone: "bad",
    sentence: "Unreachable (was Running).",
    detail: `${id}:50000 cannot be reached: connect ECONNREFUSED ${id}:50000.`,
  });
  const rows = attentionRows(
    ["a", "b", "c", "d"].map((id) => node(id, away(id))),
    [],
  );
  expect(rows).toMatchObject([{ subject: { label: "a and 3 more" }, detail: "Connection refused." }]);
});
