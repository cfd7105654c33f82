import { describe, expect, test } from "vitest";
import { cardComparison } from "@/lib/gpu/chain-schema";
import { readCards } from "@/lib/gpu/chain-reading";
import type { GpuEvidence } from "@/lib/gpu/proof-evidence";
import { profile } from "@/lib/gpu/testing";
import type { KubernetesNode } from "@/lib/kubernetes/nodes";
import type { NodeHardwareReading } from "./ports";
import { type ProofInput, proveUpgrade } from "./proof";
import type { NodeBefore } from "./records";
import { extensionsFor, type FakeCard, fakeCards, fakeHardware, profilesFor } from "./testing-hardware";

const schematicId = "b".repeat(64);
const node = (allocatableGpus: Record<string, number>): KubernetesNode => ({
  name: "gpu-1",
  ready: true,
  readyMessage: "",
  unschedulable: true,
  cordonedBy: null,
  kubeletVersion: "v1.36.2",
  allocatableGpus,
});
const hardwareOf = (cards: readonly FakeCard[], over: Partial<NodeHardwareReading> = {}): NodeHardwareReading => ({
  ...fakeHardware({ version: "v1.14.0", schematicId, cards }, []),
  ...over,
});
const beforeOf = (cards: readonly FakeCard[], over: Partial<GpuEvidence> = {}): NodeBefore => {
  const hardware = hardwareOf(cards);
  const evidence: GpuEvidence = {
    ...hardware,
    kernelLog: [],
    profiles: profilesFor(cards),
    allocatable: null,
    ...over,
  };
  return {
    extensions: (evidence.extensions ?? []).map(({ name }) => name),
    modules: evidence.modules?.slice() ?? null,
    gpuAddresses: evidence.gpus.map(({ pciAddress }) => pciAddress),
    nodename: "gpu-1",
    allocatableGpus: null,
    cards: readCards(evidence),
    imageExtensions: evidence.runningSchematic?.extensions?.slice() ?? null,
  };
};
const input = (
  cards: readonly FakeCard[],
  patch: Partial<ProofInput> = {},
  before: NodeBefore | null = null,
): ProofInput => ({
  row: { toVersion: "v1.14.0", toSchematicId: schematicId, installBootId: "boot-1", before },
  reading: {
    version: "v1.14.0",
    bootId: "boot-2",
    schematicId,
    stage: "running",
    ready: true,
    unmetConditions: [],
    nodename: "gpu-1",
  },
  hardware: hardwareOf(cards),
  profiles: profilesFor(cards),
  wantedExtensions: extensionsFor(cards),
  kubernetes: { unavailable: "no" },
  ...patch,
});
const check = (of: ProofInput, id: string) => proveUpgrade(of).checks.find((candidate) => candidate.id === id);
const { open, amd, i915, xe } = fakeCards;

describe("what was read of the node itself", () => {
  const reading = input([]).reading;
  test.each<[string, string, Partial<ProofInput["reading"]>, RegExp]>([
    ["another version", "version", { version: "v1.13.9" }, /It runs v1\.13\.9, not v1\.14\.0/],
    ["another schematic", "schematic", { schematicId: "c".repeat(64) }, /^It runs c+, not b+\.$/],
    ["the boot of the installation", "boot", { bootId: "boot-1" }, /has not restarted since the installation/],
    ["a stage that is not running", "readiness", { stage: "booting" }, /^booting/],
    [
      "a node that is not ready",
      "readiness",
      { ready: false, unmetConditions: [{ name: "services", reason: "kubelet not running" }] },
      /services/,
    ],
  ])("%s is refused", (_name, id, patch, detail) => {
    expect(check(input([]), id)).toMatchObject({ state: "ok" });
    const found = check(input([], { reading: { ...reading, ...patch } }), id);
    expect(found).toMatchObject({ state: "refused", detail: expect.stringMatching(detail) });
  });

  test("a schematic that it does not name is no proof, and no refusal", () => {
    expect(check(input([], { reading: { ...reading, schematicId: null } }), "schematic")?.state).toBe("warning");
  });

  test("extensions that could not be read are not taken for loaded", () => {
    expect(check(input([], { hardware: hardwareOf([], { extensions: null }) }), "extensions")?.state).toBe("refused");
  });
});

describe("the proof of GPU modules", () => {
  test.each([
    ["a document that is held", extensionsFor([open])],
    ["none that is held", null],
  ])(
    "of a node that was not read before: a driver that is not live is not proven, with %s",
    (_name, wantedExtensions) => {
      const hardware = hardwareOf([open], { modules: ["ext4"], boundDrivers: {} });
      expect(check(input([open], { wantedExtensions, hardware }), "modules")).toMatchObject({
        state: "refused",
        detail: expect.stringMatching(/nvidia: not loaded, nvidia_uvm: not loaded/),
      });
      expect(check(input([open], { wantedExtensions }), "modules")?.state).toBe("ok");
    },
  );

  test("a part of the driver that was live and is no more is lost, though the chain was broken before", () => {
    // The config asks for two of the four modules that the profile has.
    const configModules = ["nvidia", "nvidia_uvm"];
    const before = beforeOf([open], { modules: ["nvidia", "nvidia_uvm"], configModules });
    const now = (modules: string[]) =>
      check(input([open], { hardware: hardwareOf([open], { modules, configModules }) }, before), "modules");
    expect(now(["nvidia", "nvidia_uvm"])?.state).toBe("warning");
    expect(now(["nvidia"])).toMatchObject({ state: "refused", detail: expect.stringMatching(/nvidia_uvm before/) });
  });

  test("a link that held before and cannot be read now is not proven", () => {
    const hardware = hardwareOf([amd], { modules: null, boundDrivers: null, deviceFiles: null });
    const { checks } = proveUpgrade(input([amd], { hardware }, beforeOf([amd])));
    expect(checks.filter(({ state }) => state === "refused").map(({ id }) => id)).toEqual([
      "modules",
      "driver",
      "device-nodes",
    ]);
  });

  test("what could be read neither before nor now is said, not refused", () => {
    const blind = { modules: null, boundDrivers: null, deviceFiles: null } as const;
    const { checks } = proveUpgrade(input([amd], { hardware: hardwareOf([amd], blind) }, beforeOf([amd], blind)));
    expect(checks.filter(({ state }) => state === "refused")).toEqual([]);
    expect(checks.find(({ id }) => id === "modules")).toMatchObject({
      state: "warning",
      detail: expect.stringMatching(/could not be read/),
    });
  });

  test("that no driver is part of the image is said of an image without one, and of no other", () => {
    const bare = hardwareOf([amd], { extensions: [], modules: [], boundDrivers: {}, deviceFiles: [], drmNodes: {} });
    const nothing = { hardware: { ...bare, runningSchematic: null }, profiles: [] };
    const none = beforeOf([amd], {
      ...bare,
      kernelLog: [],
      runningSchematic: { id: schematicId, extensions: [] },
      profiles: [],
    });
    expect(check(input([amd], { ...nothing, wantedExtensions: [] }, none), "modules")?.detail).toBe(
      "No driver is part of the image.",
    );
    expect(check(input([amd], { ...nothing, wantedExtensions: null }, none), "modules")).toMatchObject({
      state: "warning",
      detail: "Which driver is part of the image is not known.",
    });
    for (const cards of [[open], [amd], [i915], [xe]]) {
      const lost = hardwareOf(cards, { modules: [], boundDrivers: {} });
      const found = check(input(cards, { hardware: lost }, beforeOf(cards)), "modules");
      expect(found?.state).toBe("refused");
      expect(found?.detail).not.toContain("No driver");
    }
  });
});

describe("an image that is another one on purpose", () => {
  test("without the driver leaves the card without it, as the plan has said", () => {
    const hardware = hardwareOf([amd], {
      extensions: [],
      modules: [],
      boundDrivers: {},
      deviceFiles: [],
      drmNodes: {},
    });
    const { checks } = proveUpgrade(
      input([amd], { hardware, wantedExtensions: [], profiles: [profile("none")] }, beforeOf([amd])),
    );
    expect(checks.filter(({ state }) => state === "refused")).toEqual([]);
    expect(checks.find(({ id }) => id === "modules")?.detail).toMatch(/the new image leaves it out/);
  });

  test("with a driver that the old one had not is held to it", () => {
    const bare = { extensions: [], modules: [], boundDrivers: {}, deviceFiles: [], drmNodes: {} };
    const before = beforeOf([amd], { ...bare, runningSchematic: { id: "a", extensions: [] } });
    expect(check(input([amd], {}, before), "modules")).toMatchObject({
      state: "ok",
      detail: expect.stringMatching(/^Better than before/),
    });
    const dead = hardwareOf([amd], { modules: [], boundDrivers: {} });
    expect(check(input([amd], { hardware: dead }, before), "modules")).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(/The new image brings the driver: amdgpu: not loaded/),
    });
  });

  test("from i915 to xe is proven by xe, and its cards are offered under another name", () => {
    const asXe = [{ ...xe, ids: i915.ids }];
    const before = { ...beforeOf([i915]), allocatableGpus: { "gpu.intel.com/i915": 1 } };
    const moved = input(asXe, { kubernetes: { node: node({ "gpu.intel.com/xe": 1 }) } }, before);
    expect(proveUpgrade(moved).checks.filter(({ state }) => state === "refused")).toEqual([]);
    const dead = { ...moved, hardware: hardwareOf(asXe, { modules: [], boundDrivers: {} }) };
    expect(
      proveUpgrade(dead)
        .checks.filter(({ state }) => state === "refused")
        .map(({ id }) => id),
    ).toEqual(["modules", "driver"]);
  });
});

describe("cards on the bus", () => {
  test("are counted by model, and a card that only moved is the same one", () => {
    const before = beforeOf([open, amd]);
    const moved = hardwareOf([{ ...amd }, { ...open }]);
    expect(check(input([amd, open], { hardware: moved }, before), "gpus")).toMatchObject({ state: "ok" });
    const one = hardwareOf([open]);
    expect(check(input([open], { hardware: one }, before), "gpus")).toMatchObject({
      state: "refused",
      detail: expect.stringMatching(/0 of 1 .*7900.* Missing: 0000:02:00\.0/),
    });
  });

  test("are counted, too, in a run that an older Ichor began", () => {
    const old = { ...beforeOf([open, amd]), cards: null };
    expect(check(input([open], {}, old), "gpus")).toMatchObject({
      state: "refused",
      detail: "On the PCI bus: 1 of 2.",
    });
    expect(check(input([open, amd], {}, old), "gpus")?.state).toBe("ok");
  });

  test("of which a profile names more than is kept can be told all the same", () => {
    const extensions = Array.from({ length: 30 }, (_, index) => ({
      name: `someone/${"x".repeat(80)}-${index}`,
      when: "always" as const,
    }));
    const many = {
      ...profile("nvidia-open-lts"),
      extensions: [...profile("nvidia-open-lts").extensions, ...extensions],
    };
    const { gpus } = proveUpgrade(input([open], { profiles: [many] }, beforeOf([open], { profiles: [many] })));
    expect(cardComparison.array().parse(gpus)).toHaveLength(1);
  });

  test("a card that was put in meanwhile has lost nothing", () => {
    const hardware = hardwareOf([open, open], { boundDrivers: { "0000:01:00.0": "nvidia" } });
    const { checks } = proveUpgrade(input([open], { hardware }, beforeOf([open])));
    expect(checks.filter(({ state }) => state === "refused")).toEqual([]);
    expect(checks.find(({ id }) => id === "gpus")?.detail).toMatch(/more than before/);
  });

  test("a card that is passed through to a virtual machine is to be so afterwards", () => {
    const passed = { boundDrivers: { "0000:01:00.0": "vfio-pci" }, extensions: [], modules: ["vfio_pci"] };
    const image = { runningSchematic: { id: schematicId, extensions: [] } };
    const before = beforeOf([open], { ...passed, ...image, profiles: [profile("none")] });
    const now = (over: Partial<NodeHardwareReading>) =>
      check(
        input(
          [open],
          {
            hardware: hardwareOf([open], { ...passed, ...image, ...over }),
            wantedExtensions: [],
            profiles: [profile("none")],
          },
          before,
        ),
        "driver",
      )?.state;
    expect(now({})).toBe("ok");
    expect(now({ boundDrivers: {} })).toBe("refused");
  });
});

test("a node that has not restarted since the installation is not proven, whatever else holds", () => {
  const proofOf = (bootId: string) => {
    const given = input([]);
    return proveUpgrade({ ...given, reading: { ...given.reading, bootId } }).checks.find(({ id }) => id === "boot");
  };
  expect(proofOf("boot-1")).toMatchObject({ state: "refused", detail: "It has not restarted since the installation." });
  expect(proofOf("boot-2")).toMatchObject({ state: "ok" });
  // Told by the boot alone, not by anything else that a boot may be named like.
  expect(proofOf("v1.14.0")).toMatchObject({ state: "ok" });
});
