import { expect, test } from "vitest";
import { profileParts } from "./profile-parts";
import type { GpuProfile } from "./profile-schema";
import { profile } from "./testing";

test("a driver makes way for another under each of its names, and other vendors' stay", () => {
  const { extensions } = profileParts([profile("nvidia-open-production")], []);
  expect(extensions).toEqual(
    expect.arrayContaining(["siderolabs/nonfree-kmod-nvidia-lts", "siderolabs/nonfree-kmod-nvidia"]),
  );
  expect(extensions).not.toContain("siderolabs/amdgpu");
});

test("what was assigned before makes way, whatever its vendor", () => {
  const custom: GpuProfile = {
    ...profile("none"),
    ...{ id: "tenstorrent", name: "tenstorrent", vendor: "other" },
    extensions: [{ name: "siderolabs/tenstorrent", when: "always" }],
    kernelArgs: [{ arg: "hugepages=36" }],
  };
  const parts = profileParts([profile("none")], [custom]);
  expect(parts.extensions).toContain("siderolabs/tenstorrent");
  expect(parts.kernelArgs).toContain("hugepages=36");
  expect(profileParts([profile("nvidia-open-lts")], [profile("amd")]).extensions).toContain("siderolabs/amdgpu");
});
