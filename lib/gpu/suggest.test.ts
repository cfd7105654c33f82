import { describe, expect, test } from "vitest";
import { gpuFromIds } from "./detect";
import { builtInProfile } from "./profiles";
import { resolveProfiles } from "./resolve";
import { suggestForGpu, suggestForNode } from "./suggest";

const gpu = (ids: string, index = 0) => {
  const found = gpuFromIds(ids, index);
  if (!found) throw new Error(`${ids} is no GPU`);
  return found;
};
const on = (talosVersion: string | null, arch: "amd64" | "arm64" = "amd64") => ({ talosVersion, arch });

describe("one GPU", () => {
  test.each([
    [
      "10de:1b06",
      "1.14",
      "nvidia-proprietary-lts",
      "GP102 is Pascal: the open modules and the 590+ branches do not support it, so it needs nvidia-proprietary-lts.",
    ],
    ["10de:1b06", "1.9", "nvidia-proprietary-lts", "GP102 is Pascal"],
    ["10de:1eb8", "1.14", "nvidia-open-production", "TU104 is Turing: the open modules support it"],
    ["10de:2684", "1.12", "nvidia-open-production", "AD102 is Ada Lovelace"],
    ["10de:2b85", "1.13", "nvidia-open-production", "only the open modules drive it"],
    ["10de:3182", "1.12", "nvidia-open-lts", "too old for it"],
    ["10de:2e12", "1.14", "nvidia-open-production", "experimental"],
    ["10de:3ffe", "1.14", "nvidia-open-production", "not in the catalogue"],
    [
      "10de:2b85",
      "1.9",
      null,
      "it needs driver R570 or newer, and Talos 1.9 carries 550 and 535. Upgrade Talos first.",
    ],
    ["10de:1021", "1.14", null, "no driver branch after R470 supports it"],
    // GTX 580, GT 610 and GeForce 210: display cards of old, for which the boot would wait in vain.
    ["10de:1080", "1.13", null, "older than Kepler: no driver branch after R390 supports it"],
    ["10de:104a", "1.13", null, "older than Kepler"],
    ["10de:0a65", "1.9", null, "older than Kepler"],
    ["1002:744c", "1.14", "amd", "amdgpu"],
    ["1002:1586", "1.14", "amd-strix-halo", "128 GiB"],
    ["8086:56a0", "1.14", "intel-i915", "i915"],
    ["8086:e20b", "1.14", "intel-xe", "xe"],
    ["8086:e20b", "1.11", null, "from 1.12 on"],
    ["8086:a780", "1.9", "intel-i915", "Raptor Lake"],
    ["8086:0bd5", "1.14", null, "force_probe"],
    ["8086:0412", "1.14", "intel-i915", "Haswell is Gen7.5"],
    ["8086:ffff", "1.14", null, "not in the catalogue: whether i915 or xe drives it is not known"],
    // Rage 128, Radeon 9700 and a card that is newer than this catalogue.
    ["1002:5046", "1.14", null, "not in the catalogue: whether amdgpu drives it is not known"],
    ["1002:4e44", "1.14", null, "not in the catalogue"],
    ["1002:fff0", "1.14", null, "assign amd by hand"],
    ["1e52:401e", "1.14", null, "no built-in profile"],
  ])("%s on Talos %s → %s", (ids, version, profileId, reason) => {
    const suggestion = suggestForGpu(gpu(ids), on(version));
    expect(suggestion.profileId).toBe(profileId);
    expect(suggestion.reason).toContain(reason);
  });

  test("AMD and Intel have no driver on arm64; an unknown release counts as the newest", () => {
    expect(suggestForGpu(gpu("1002:744c"), on("1.14", "arm64")).profileId).toBeNull();
    expect(suggestForGpu(gpu("8086:56a0"), on("1.14", "arm64")).profileId).toBeNull();
    expect(suggestForGpu(gpu("10de:2684"), on(null, "arm64")).profileId).toBe("nvidia-open-production");
  });

  test("what is suggested is never refused", () => {
    const cards = [
      "10de:1380",
      "10de:1b06",
      "10de:1db4",
      "10de:1eb8",
      "10de:20b0",
      "10de:2330",
      "10de:2684",
      "10de:2b85",
      "10de:3182",
      "1002:744c",
      "1002:1586",
      "8086:56a0",
      "8086:e20b",
    ];
    for (const ids of cards) {
      for (const talosVersion of ["1.9", "1.10", "1.11", "1.12", "1.13", "1.14"]) {
        const { profileId } = suggestForGpu(gpu(ids), on(talosVersion));
        if (profileId === null) continue;
        const profile = builtInProfile(profileId);
        expect(profile, profileId).toBeDefined();
        const result = resolveProfiles({
          profiles: profile ? [profile] : [],
          talosVersion,
          arch: "amd64",
          gpus: [gpu(ids)],
        });
        expect(result, `${ids} on ${talosVersion}`).toMatchObject({ ok: true });
      }
    }
  });
});

describe("a node", () => {
  test("nothing to suggest without GPUs", () => {
    expect(suggestForNode([], on("1.14"))).toBeNull();
  });

  test("old and new NVIDIA cards share the one driver that drives both", () => {
    const suggestion = suggestForNode([gpu("10de:2684"), gpu("10de:1b06", 1)], on("1.14"));
    expect(suggestion?.profileIds).toEqual(["nvidia-proprietary-lts"]);
    expect(suggestion?.reason).toContain("GP102 is Pascal");
  });

  test("Pascal beside Blackwell cannot be", () => {
    const suggestion = suggestForNode([gpu("10de:2b85"), gpu("10de:1b06", 1)], on("1.14"));
    expect(suggestion?.profileIds).toEqual([]);
    expect(suggestion?.reason).toContain("no single NVIDIA driver");
  });

  test("vendors compose", () => {
    const suggestion = suggestForNode(
      [gpu("10de:2684"), gpu("1002:744c", 1), gpu("1002:1586", 2), gpu("8086:e20b", 3)],
      on("1.14"),
    );
    expect(suggestion?.profileIds).toEqual(["nvidia-open-production", "amd-strix-halo", "intel-xe"]);
  });
});
