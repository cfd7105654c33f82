import { expect, test } from "vitest";
import { type RemedyAction, remedyAction } from "@/lib/gpu/schema";
import { talosErrorKinds } from "@/lib/talos/errors";
import { initialNodeState, reduceNode } from "../node-state";
import { gpuVerdict } from "../gpu-verdict";
import { testFacts, testRecord } from "../testing";
import { remedyWhenAway } from "./away-remedy";
import { isChange, remedyOfProof } from "./gpu-remedy";
import { placeOf } from "./place";
import { remedy, type Remedy } from "./schema";

const facts = { runId: null, assignment: [], runningSchematicId: "a", intent: { schematicId: "b" } };
const actions = remedyAction.options.map((option): RemedyAction => {
  const { kind } = option.shape;
  return remedyAction.parse({ kind: kind.value, profileId: "amd", addOn: "rocm" });
});
const of = (action: RemedyAction, over: Partial<typeof facts & { runId: string | null }> = {}): Remedy | null =>
  remedyOfProof({ remedy: { sentence: "Do it.", action } }, { ...facts, ...over });

test.each(actions.map((action) => [action.kind, action] as const))(
  "%s leads somewhere, or says why not",
  (_kind, action) => {
    const found = of(action);
    expect(remedy.parse(found)).toEqual(found);
    const place = found && placeOf(found, { id: "node_1", intent: { profileIds: [] } });
    if (found?.kind === "by-hand") expect(place).toBeNull();
    else expect(place?.href).toMatch(/^\/(nodes\/node_1|upgrades\/new|gpu-profiles\/amd)/);
  },
);

test("an upgrade into the image that runs is a repair, and a run that holds the node comes before its change", () => {
  expect(of({ kind: "upgrade" }, { runningSchematicId: "b" })?.kind).toBe("repair");
  expect(of({ kind: "upgrade" })?.kind).toBe("upgrade");
  expect(of({ kind: "upgrade" }, { runId: "run_1" as never })).toMatchObject({ kind: "open-run", runId: "run_1" });
  expect(of({ kind: "kernel-log" }, { runId: "run_1" as never })?.kind).toBe("open-kernel-log");
});

test("once a profile is recorded, what follows is called going on", () => {
  const upgrade: Remedy = { kind: "upgrade", sentence: "" };
  expect(placeOf(upgrade, { id: "n", intent: { profileIds: ["amd"] } })).toEqual({
    label: "Continue…",
    href: "/nodes/n/change",
  });
  expect(placeOf(upgrade, { id: "n", intent: { profileIds: [] } })?.label).toBe("Review the upgrade…");
  expect(isChange(upgrade)).toBe(true);
});

test.each([...talosErrorKinds, "no-address", "refused", "something new"])(
  "a node that is away for %s has a sentence",
  (kind) => {
    for (const clusterId of ["cluster_1", null]) {
      const found = remedyWhenAway(kind, clusterId);
      expect(found.sentence).toMatch(/^[A-Z].{20,}\.$/);
      if (clusterId === null) expect(found.kind).toBe("by-hand");
    }
  },
);

test("a card that the next boot does not see is told, until a later one takes its absence for granted", () => {
  const card = (pciAddress: string) => ({
    pciAddress,
    vendor: "amd" as const,
    vendorId: "1002",
    deviceId: "744c",
    model: "Radeon RX 7900 XTX",
    generation: "RDNA 3",
    chip: "Navi 31",
    driver: null,
  });
  const [first, second] = [card("0000:01:00.0"), card("0000:02:00.0")];
  const record = testRecord();
  const state = initialNodeState(record, testFacts({ gpus: [first, second] }));
  const rebooted = (from: typeof state, bootId: string, gpus: (typeof first)[]) =>
    reduceNode(from, { kind: "facts", atMs: 1, facts: { bootId, gpus } });
  const gone = rebooted(state, "boot-2", [first]);
  const verdict = gpuVerdict(gone.facts, record);
  expect(verdict.goneGpus).toEqual([second]);
  expect(verdict.proofs.find(({ pciAddress }) => pciAddress === second.pciAddress)).toMatchObject({
    state: "broken",
    firstBroken: 0,
    remedy: { action: { kind: "none" } },
  });
  const later = rebooted(gone, "boot-3", [first]);
  expect(gpuVerdict(later.facts, record).goneGpus).toEqual([second]);
  expect(gpuVerdict(rebooted(later, "boot-4", [first]).facts, record).goneGpus).toEqual([]);
  expect(gpuVerdict(rebooted(gone, "boot-3", [first, second]).facts, record).goneGpus).toEqual([]);
});
