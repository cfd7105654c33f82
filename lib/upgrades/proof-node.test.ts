import { describe, expect, test } from "vitest";
import { readCards } from "@/lib/gpu/chain-reading";
import type { CardComparison, LinkChange } from "@/lib/gpu/chain-schema";
import type { ProofLinkId } from "@/lib/gpu/schema";
import type { NodeHardwareReading } from "./ports";
import {
  cardChecks,
  comesLate,
  losesCards,
  type ProofInput,
  proveUpgrade,
  type UpgradeProof,
  whyUnproven,
} from "./proof";
import type { NodeBefore } from "./records";
import type { PlanCheck } from "./schema";
import { fakeCards, fakeHardware, profilesFor } from "./testing-hardware";

const schematicId = "b".repeat(64);
const hardware = (over: Partial<NodeHardwareReading> = {}): NodeHardwareReading => ({
  ...fakeHardware({ version: "v1.14.0", schematicId, cards: [] }, []),
  ...over,
});
const before = (over: Partial<NodeBefore> = {}): NodeBefore => ({
  ...{ extensions: [], modules: null, gpuAddresses: [], nodename: "w-1", allocatableGpus: null, cards: null },
  ...{ imageExtensions: null },
  ...over,
});
const input = (over: Partial<ProofInput> = {}, had: NodeBefore | null = null): ProofInput => ({
  row: { toVersion: "v1.14.0", toSchematicId: schematicId, installBootId: "boot-1", before: had },
  reading: {
    ...{ version: "v1.14.0", bootId: "boot-2", schematicId, stage: "running", ready: true },
    ...{ unmetConditions: [], nodename: "w-1" },
  },
  ...{ hardware: hardware(), profiles: [], wantedExtensions: [], kubernetes: { unavailable: "Nobody answers." } },
  ...over,
});
const check = (of: ProofInput, id: string) => {
  const found = proveUpgrade(of).checks.find((one) => one.id === id);
  return found && { state: found.state, detail: found.detail };
};

test("a proof has its parts in this order, under these titles; those of cards only where there are any", () => {
  expect(proveUpgrade(input()).checks.map(({ id, title }) => `${id}: ${title}`)).toEqual([
    "version: Talos version",
    "schematic: Schematic",
    "boot: New boot",
    "readiness: Readiness",
    "extensions: Extensions",
    "modules: GPU modules",
    "gpus: GPUs on the bus",
    "kubernetes: Kubernetes node",
    "allocatable: GPUs in Kubernetes",
  ]);
  const cards = [fakeCards.amd];
  const with1 = input({
    hardware: fakeHardware({ version: "v1.14.0", schematicId, cards }, []),
    profiles: profilesFor(cards),
  });
  expect(
    proveUpgrade(with1)
      .checks.slice(7, 9)
      .map(({ id, title }) => `${id}: ${title}`),
  ).toEqual(["driver: GPU drivers", "device-nodes: GPU device nodes"]);
});

test("conditions that are not met are named, and none where there are none", () => {
  const { reading } = input();
  const unmet = ["services", "nodename"].map((name) => ({ name, reason: "" }));
  const of = (over: Partial<ProofInput["reading"]>) => check(input({ reading: { ...reading, ...over } }), "readiness");
  expect(of({ ready: false, unmetConditions: unmet })?.detail).toBe("running: services, nodename");
  expect(of({ stage: "booting" })?.detail).toBe("booting");
});

describe("extensions", () => {
  const loaded = (...names: string[]) => ({
    hardware: hardware({ extensions: names.map((name) => ({ name, version: "1" })) }),
  });
  const of = (over: Partial<ProofInput>, had: NodeBefore | null = null) => check(input(over, had), "extensions");
  const held = "The schematic's document is not held; nothing was lost.";
  const wanted = (...names: string[]) => ({ wantedExtensions: names.map((name) => `siderolabs/${name}`) });

  test.each<[string, Partial<ProofInput>, NodeBefore | null, string, string]>([
    ["that are wanted and loaded", { ...wanted("a", "b"), ...loaded("b", "a", "c") }, null, "ok", "Loaded: a, b."],
    ["none of which is wanted", loaded("a"), null, "ok", "None is wanted."],
    [
      "that are wanted and not loaded",
      { ...wanted("a", "b", "c"), ...loaded("b") },
      null,
      "refused",
      "Not loaded: a, c.",
    ],
    [
      "that were loaded before",
      { ...wanted("a"), ...loaded() },
      before({ extensions: ["a"] }),
      "refused",
      "Not loaded: a.",
    ],
    [
      "that never went by their names",
      { ...wanted("a", "b"), ...loaded() },
      before(),
      "warning",
      "Not seen under their own names: a, b.",
    ],
    [
      "that carry a driver, whatever they went by",
      { ...wanted("a", "amdgpu"), ...loaded() },
      before(),
      "refused",
      "Not loaded: amdgpu.",
    ],
    [
      "that are NVIDIA's, whatever they went by",
      { ...wanted("nvidia-x"), ...loaded() },
      before(),
      "refused",
      "Not loaded: nvidia-x.",
    ],
    [
      "with NVIDIA at the end of the name only",
      { ...wanted("x-nvidia-"), ...loaded() },
      before(),
      "warning",
      "Not seen under their own names: x-nvidia-.",
    ],
    [
      "of a document that is not held",
      { wantedExtensions: null, ...loaded("a") },
      before({ extensions: ["a", "schematic"] }),
      "warning",
      held,
    ],
    ["of a document that is not held, and no reading", { wantedExtensions: null, ...loaded() }, null, "warning", held],
    [
      "that were lost without a document",
      { wantedExtensions: null, ...loaded("b") },
      before({ extensions: ["a", "b", "c", "schematic"] }),
      "refused",
      "No longer loaded: a, c.",
    ],
  ])("%s", (_, over, had, state, detail) => expect(of(over, had)).toEqual({ state, detail }));
});

describe("the Kubernetes node", () => {
  const node = (ready: boolean, allocatableGpus = {}) => ({
    node: { name: "w-1", ready, readyMessage: "No network.", allocatableGpus } as never,
  });
  test.each<[string, ProofInput["kubernetes"], NodeBefore | null, string, string]>([
    ["is ready", node(true), null, "ok", "Ready."],
    ["is not ready", node(false), null, "refused", "Not ready: No network."],
    [
      "cannot be asked for",
      { unavailable: "Nobody answers." },
      before({ allocatableGpus: {} }),
      "warning",
      "Nobody answers.",
    ],
    ["is not there, and was not known", { node: null }, before(), "warning", "Kubernetes has no such node."],
    ["is not there, and was not read before", { node: null }, null, "warning", "Kubernetes has no such node."],
    [
      "is not there, and was",
      { node: null },
      before({ allocatableGpus: {} }),
      "refused",
      "Kubernetes has no such node any more.",
    ],
  ])("%s", (_, kubernetes, had, state, detail) =>
    expect(check(input({ kubernetes }, had), "kubernetes")).toEqual({ state, detail }),
  );

  test("that is not asked or not there offers nothing that can be told", () => {
    const had = before({ allocatableGpus: { x: 1 } });
    const of = (kubernetes: ProofInput["kubernetes"], was: NodeBefore | null) =>
      check(input({ kubernetes }, was), "allocatable");
    expect(of({ unavailable: "Nobody answers." }, null)?.detail).toBe("Nobody answers.");
    expect(of({ node: null }, null)?.detail).toBe("Kubernetes has no such node.");
    expect(of({ unavailable: "Nobody answers." }, had)?.detail).toBe("x: 1 before; now Nobody answers.");
    expect(of(node(true, { x: 1 }), had)).toEqual({ state: "ok", detail: "x: 1." });
  });
});

test("rows of old hold the addresses of cards alone: so many must be there", () => {
  const of = (had: NodeBefore) => check(input({}, had), "gpus");
  expect(of(before({ gpuAddresses: ["1", "2"] }))).toEqual({ state: "refused", detail: "On the PCI bus: 0 of 2." });
  expect([of(before()), of(before({ gpuAddresses: ["1"], cards: [] }))]).toEqual([
    ...[
      { state: "ok", detail: "It has none." },
      { state: "ok", detail: "It has none." },
    ],
  ]);
});

describe("what a look at the cards is made from", () => {
  const cards = [fakeCards.amd];
  const broken = fakeHardware({ version: "v1.14.0", schematicId, cards }, [{ link: "driver", driver: "amdgpu" }]);
  const good = fakeHardware({ version: "v1.14.0", schematicId, cards }, []);
  const had = (over: Partial<NodeBefore> = {}): NodeBefore => {
    const { gpus } = proveUpgrade(input({ hardware: good, profiles: profilesFor(cards) }));
    expect(gpus).toHaveLength(1);
    return before({ imageExtensions: good.runningSchematic?.extensions?.slice() ?? null, ...over });
  };
  const look = (over: Partial<NodeHardwareReading>, kubernetes: ProofInput["kubernetes"] = { unavailable: "x" }) =>
    proveUpgrade(
      input(
        { hardware: { ...broken, ...over }, profiles: profilesFor(cards), wantedExtensions: null, kubernetes },
        had(),
      ),
    ).gpus[0];

  test("the kernel's lines on the card, or that they could not be read", () => {
    expect(look({ kernelLog: null })?.lines).toEqual(["The kernel log could not be read."]);
    expect(look({ kernelLog: ["amdgpu 0000:01:00.0: error: it failed"] })?.lines).toEqual([
      "amdgpu 0000:01:00.0: error: it failed",
    ]);
    expect(look({ kernelLog: [] })?.lines).toEqual([]);
  });

  test("the image's extensions and what Kubernetes offers, which the links are judged by", () => {
    const stateOf = (card: CardComparison | undefined, id: ProofLinkId) =>
      card?.links.find((one) => one.id === id)?.after?.state;
    expect(stateOf(look({}), "schematic")).toBe("proven");
    expect(stateOf(look({ runningSchematic: null }), "schematic")).toBe("unknown");
    const offered = {
      node: { name: "w", ready: true, readyMessage: "", allocatableGpus: { "amd.com/gpu": 1 } } as never,
    };
    expect(stateOf(look({ boundDrivers: good.boundDrivers }, offered), "allocatable")).toBe("proven");
    expect(stateOf(look({ boundDrivers: good.boundDrivers }), "allocatable")).toBe("unknown");
    const wanted = input(
      { hardware: good, profiles: profilesFor(cards), wantedExtensions: ["siderolabs/amd-ucode"] },
      had(),
    );
    expect(stateOf(proveUpgrade(wanted).gpus[0], "schematic"), "what is wanted, not what the node says").toBe("broken");
  });
});

describe("a card that has lost its own link", () => {
  const cards = [fakeCards.amd];
  const good = fakeHardware({ version: "v1.14.0", schematicId, cards }, []);
  const profiles = profilesFor(cards);
  const evidence = { ...good, kernelLog: [], profiles, allocatable: { "amd.com/gpu": "1" } };
  const had = before({
    cards: readCards(evidence),
    imageExtensions: good.runningSchematic?.extensions?.slice() ?? null,
  });
  const offered = (count: number): ProofInput["kubernetes"] => ({
    node: { name: "w", ready: true, readyMessage: "", allocatableGpus: { "amd.com/gpu": count } } as never,
  });
  const state = (id: string, over: Partial<NodeHardwareReading>, kubernetes = offered(1)) =>
    check(input({ hardware: { ...good, ...over }, profiles, wantedExtensions: null, kubernetes }, had), id)?.state;

  test.each<[string, string, Partial<NodeHardwareReading>, number]>([
    ["its extension", "extensions", { extensions: [] }, 1],
    [
      "its part of the schematic",
      "extensions",
      { runningSchematic: { id: schematicId, extensions: ["siderolabs/amdgpu"] } },
      1,
    ],
    ["what Kubernetes offers of it", "allocatable", {}, 0],
  ])("is refused for %s, though the node as a whole has kept all", (_, id, over, count) => {
    expect(state(id, {})).not.toBe("refused");
    expect(state(id, over, offered(count))).toBe("refused");
  });
});

describe("why a proof does not hold", () => {
  const checks: PlanCheck[] = [
    { id: "version", title: "Talos version", state: "refused", detail: "Old." },
    { id: "modules", title: "GPU modules", state: "refused", detail: "None." },
    { id: "kubernetes", title: "Kubernetes node", state: "warning", detail: "Late." },
  ];
  const card = (
    change: LinkChange,
    id: ProofLinkId = "driver",
    over: Partial<CardComparison> = {},
  ): CardComparison => ({
    ...{ pciAddress: "01", vendor: "amd", model: "XT", lines: [], remedy: null },
    links: [
      { id: "pci", title: "", change: "kept", before: null, after: null, detail: "" },
      { id, title: "", change, before: null, after: null, detail: "" },
    ],
    ...over,
  });
  const why = (gpus: CardComparison[], only?: ReadonlySet<string>) => whyUnproven({ checks, gpus }, only);
  const both = "Talos version: Old. GPU modules: None.";
  const silent = " The kernel log says nothing of it.";
  const remedy = { sentence: "Look there.", action: { kind: "none" as const } };

  test.each<[string, CardComparison[], string]>([
    ["without a card that lost anything", [card("kept")], both],
    ["with a card that lost a link, and a silent kernel", [card("kept"), card("lost")], `${both}${silent}`],
    [
      "with a card that Kubernetes alone does not offer, of which no kernel speaks",
      [card("lost", "allocatable")],
      both,
    ],
    [
      "with the kernel's last two words and a remedy",
      [card("lost", "driver", { lines: ["a", "b", "c".repeat(300)], remedy })],
      `${both} The kernel says: “b” “${"c".repeat(200)}” Look there.`,
    ],
    [
      "with the first of two cards",
      [card("unread", "driver", { remedy }), card("lost", "driver", { lines: ["x"] })],
      `${both}${silent} Look there.`,
    ],
  ])("%s", (_, gpus, expected) => expect(why(gpus)).toBe(expected));

  test("of some checks only", () => {
    expect(why([], new Set(["modules", "kubernetes"]))).toBe("GPU modules: None.");
  });

  test("a node loses its cards where one of their own checks is refused", () => {
    const loses = (id: string, state: PlanCheck["state"]) =>
      losesCards({
        checks: [
          { id: "boot", title: "", state: "ok", detail: "" },
          { id, title: "", state, detail: "" },
        ],
        gpus: [],
      } satisfies UpgradeProof);
    for (const id of ["extensions", "modules", "gpus", "driver", "device-nodes"])
      expect([loses(id, "refused"), loses(id, "warning")]).toEqual([true, false]);
    for (const id of ["version", "kubernetes", "allocatable", ""]) expect(loses(id, "refused")).toBe(false);
    expect(cardChecks.size).toBe(5);
    expect([...comesLate].sort()).toEqual(["allocatable", "kubernetes"]);
  });
});
