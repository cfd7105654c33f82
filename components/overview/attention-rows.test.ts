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
    intent: { profileIds: item.kind === "drift" ? ["amd"] : [] },
    attention: [item],
  }) as unknown as NodeView;
const drift: Attention = {
  kind: "drift",
  tone: "info",
  sentence: "The images differ.",
  detail: "",
  remedy: { kind: "upgrade", sentence: "Upgrade it." },
};
const noProfile: Attention = {
  kind: "gpu-not-working",
  tone: "warn",
  sentence: "No profile.",
  detail: "",
  remedy: { kind: "assign-profile", sentence: "Assign amd: one reboot.", profileIds: ["amd"] },
};

test("back-ups that are overdue or failed are told with the way to them, others are not", () => {
  const rowsOf = (state: "off" | "well" | "overdue" | "failed") => attentionRows([], [], { state, sentence: "Why." });
  expect(rowsOf("failed")).toMatchObject([{ kind: "backup", tone: "bad", action: { href: "/settings" } }]);
  expect(rowsOf("overdue")).toMatchObject([{ kind: "backup", tone: "warn", detail: "Why." }]);
  expect([...rowsOf("off"), ...rowsOf("well")]).toEqual([]);
});

test("what one node needs is done on its page", () => {
  const [row] = attentionRows([node("a", drift)], []);
  expect(row).toMatchObject({
    subject: { label: "a", href: "/nodes/a" },
    action: { label: "Continue…", href: "/nodes/a/change" },
  });
  expect(attentionRows([node("a", noProfile)], [])[0]?.action).toEqual({
    label: "Assign amd…",
    href: "/nodes/a/change",
  });
});

test("what Ichor cannot mend leads to where the reason stands", () => {
  const broken: Attention = { ...noProfile, tone: "bad", remedy: { kind: "by-hand", sentence: "Check its slot." } };
  expect(attentionRows([node("a", broken)], [])[0]).toMatchObject({
    detail: "Check its slot.",
    action: { label: "Details", href: "/nodes/a/gpus" },
  });
});

test("what a halted run holds is told once, by the run", () => {
  const held: Attention = { ...noProfile, remedy: { kind: "open-run", runId: "run_1", sentence: "See the run." } };
  const run = {
    id: "run_1",
    title: "Upgrade a",
    state: "halted",
    reason: "",
    nodes: [{ nodeId: "b", state: "failed" }],
  } as RunSummary;
  const at = { ...node("a", held), runId: "run_1" };
  expect(attentionRows([at], [run]).map(({ kind }) => kind)).toEqual(["halted"]);
  expect(attentionRows([node("b", noProfile)], [run]).map(({ kind }) => kind)).toEqual(["halted"]);
  expect(attentionRows([at], [{ ...run, state: "running" }]).map(({ kind }) => kind)).toEqual(["gpu-not-working"]);
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
  const run = {
    id: "run_1",
    title: "Upgrade 2 nodes",
    state: "halted",
    reason: "gpu-07 failed.",
    nodes: [] as unknown,
  } as RunSummary;
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
    remedy: { kind: "by-hand", sentence: "Check its power." },
  });
  const rows = attentionRows(
    ["a", "b", "c", "d"].map((id) => node(id, away(id))),
    [],
  );
  expect(rows).toMatchObject([{ subject: { label: "a and 3 more" }, detail: "Connection refused. Check its power." }]);
});
