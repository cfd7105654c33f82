import { describe, expect, test } from "vitest";
import { proveGpu } from "./proof-chain";
import type { GpuEvidence } from "./proof-evidence";
import type { GpuProfile } from "./profile-schema";
import { gpu, profile, prove, states, working } from "./testing";

const customProfile = (id: string, vendor: GpuProfile["vendor"], extensions: string[]): GpuProfile => ({
  ...profile("none"),
  ...{ id, name: id, vendor },
  extensions: extensions.map((name) => ({ name, when: "always" })),
});

describe("a custom profile without a driver of its own", () => {
  const tenstorrent = customProfile("tenstorrent", "other", ["siderolabs/tenstorrent"]);

  test("does not leave other cards alone", () => {
    expect(prove({ profiles: [tenstorrent] }).links[1]?.evidence).toContain("none assigned");
    expect(prove({ profiles: [tenstorrent, profile("nvidia-open-production")] }).state).toBe("working");
    expect(prove({ profiles: [tenstorrent, profile("none")] }).links[1]?.evidence).toBe("none");
  });

  test("is proven as far as it says something", () => {
    const wormhole = gpu("1e52:401e");
    const extensions = [{ name: "tenstorrent", version: "2.0.0" }];
    const bare = prove({ profiles: [tenstorrent], extensions, runningSchematic: null, boundDrivers: {} }, wormhole);
    expect(states(bare)).toEqual([
      ...["proven", "proven", "unknown", "proven"],
      ...["not-applicable", "not-applicable", "not-applicable", "not-applicable"],
    ]);
    const missing = prove({ profiles: [tenstorrent], extensions: [], runningSchematic: null }, wormhole);
    expect(missing.why).toContain("the node did not load it");
  });
});

describe("an Intel node with a card of each driver", () => {
  const integrated = gpu("8086:4680");
  const arc = gpu("8086:e20b", 1);
  const extensions = ["i915", "intel-ucode", "mei", "xe"];
  const both: Partial<GpuEvidence> = {
    gpus: [integrated, arc],
    profiles: [profile("intel-i915"), profile("intel-xe")],
    runningSchematic: { id: "0123456789abcdef", extensions: extensions.map((name) => `siderolabs/${name}`) },
    extensions: extensions.map((name) => ({ name, version: "20260811" })),
    modules: ["i915", "xe"],
    boundDrivers: { [integrated.pciAddress]: "i915", [arc.pciAddress]: "xe" },
    deviceFiles: ["dri/renderD128", "dri/renderD129"],
    drmNodes: { [integrated.pciAddress]: ["renderD128"], [arc.pciAddress]: ["renderD129"] },
    allocatable: { "gpu.intel.com/i915": "1", "gpu.intel.com/xe": "1" },
  };

  test("each is proven by its own profile, assigned or recognised", () => {
    for (const profiles of [both.profiles ?? [], []]) {
      const proofs = [integrated, arc].map((card) => proveGpu(card, working({ ...both, profiles })));
      expect(proofs.map(({ state }) => state)).toEqual(["working", "working"]);
      expect(proofs[1]?.links[1]?.evidence).toContain("intel-xe");
    }
  });

  test("and broken by its own, where its driver does not have it", () => {
    const proof = proveGpu(arc, working({ ...both, boundDrivers: { [integrated.pciAddress]: "i915" } }));
    expect(proof.why).toContain("xe is loaded but does not take the card");
  });
});

test("a node whose schematic has its driver under an old name is proven by what that name stands for", () => {
  const proof = prove({
    profiles: [],
    runningSchematic: {
      id: "0123456789abcdef",
      extensions: ["siderolabs/nonfree-kmod-nvidia", "siderolabs/nvidia-container-toolkit"],
    },
    extensions: [
      { name: "nonfree-kmod-nvidia-lts", version: "580.178.04-v1.14.0" },
      { name: "nvidia-container-toolkit-lts", version: "580.178.04-v1.19.1" },
    ],
  });
  expect(proof.links[1]?.evidence).toContain("nvidia-proprietary-lts");
  expect(proof.state).toBe("working");
});
