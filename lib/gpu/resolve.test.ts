import { describe, expect, test } from "vitest";
import { gpuFromIds } from "./detect";
import type { GpuProfile } from "./profile-schema";
import { gpuProfile } from "./profile-schema";
import { builtInProfile, builtInProfiles } from "./profiles";
import { resolveProfiles, type ResolveInput } from "./resolve";

const gpu = (ids: string) => {
  const found = gpuFromIds(ids);
  if (!found) throw new Error(`${ids} is no GPU`);
  return found;
};
const profile = (id: string): GpuProfile => {
  const found = builtInProfile(id);
  if (!found) throw new Error(`no profile ${id}`);
  return found;
};
const pascal = gpu("10de:1b06");
const ada = gpu("10de:2684");
const blackwell = gpu("10de:2b85");

function resolve(ids: string[], over: Partial<ResolveInput> = {}) {
  return resolveProfiles({ profiles: ids.map(profile), talosVersion: "v1.14.0", arch: "amd64", gpus: [ada], ...over });
}
const rules = (ids: string[], over: Partial<ResolveInput> = {}) => {
  const result = resolve(ids, over);
  return result.ok ? [] : result.refusals.map(({ rule }) => rule);
};
const resolved = (ids: string[], over: Partial<ResolveInput> = {}) => {
  const result = resolve(ids, over);
  if (!result.ok) throw new Error(result.refusals.map(({ message }) => message).join("\n"));
  return result;
};

test("every built-in profile is a valid profile with its own id", () => {
  for (const one of builtInProfiles) expect(gpuProfile.parse(one)).toEqual(one);
  expect(new Set(builtInProfiles.map(({ id }) => id)).size).toBe(9);
});

describe("what profiles come to", () => {
  test("NVIDIA open production on 1.14", () => {
    const result = resolved(["nvidia-open-production"]);
    expect(result.extensions).toEqual([
      "siderolabs/nvidia-container-toolkit-production",
      "siderolabs/nvidia-open-gpu-kernel-modules-production",
    ]);
    expect(result.kernelModules.map(({ name }) => name)).toEqual([
      "nvidia",
      "nvidia_uvm",
      "nvidia_drm",
      "nvidia_modeset",
    ]);
    expect(result.sysctls).toEqual({});
    expect(result.driverVersion).toBe("595.91.07");
    expect(result.addOns.map(({ id }) => id)).toEqual(["nvidia-gpu-operator"]);
    expect(result.warnings).toEqual([]);
  });

  test("the sysctl and the plain device plugin belong to Talos 1.12 and older", () => {
    const result = resolved(["nvidia-open-lts"], { talosVersion: "1.12.3" });
    expect(result.sysctls).toEqual({ "net.core.bpf_jit_harden": "1" });
    expect(result.addOns.map(({ id }) => id)).toEqual(["nvidia-device-plugin"]);
    expect(result.driverVersion).toBe("580.105.08 to 580.126.20");
  });

  test("the fabric manager comes with an NVSwitch only", () => {
    expect(resolved(["nvidia-open-lts"]).extensions).not.toContain("siderolabs/nvidia-fabricmanager-lts");
    expect(resolved(["nvidia-open-lts"], { nvSwitch: true }).extensions).toContain(
      "siderolabs/nvidia-fabricmanager-lts",
    );
  });

  test("mei comes with a discrete Intel card only", () => {
    expect(resolved(["intel-i915"], { gpus: [gpu("8086:56a0")] }).extensions).toContain("siderolabs/mei");
    expect(resolved(["intel-i915"], { gpus: [gpu("8086:a780")] }).extensions).toEqual([
      "siderolabs/i915",
      "siderolabs/intel-ucode",
    ]);
  });

  test("mixed vendors compose, sorted and without repeats, arguments in order", () => {
    const gpus = [ada, gpu("1002:1586"), gpu("8086:a780")];
    const result = resolved(["nvidia-open-production", "amd-strix-halo", "intel-i915", "amd"], { gpus });
    expect(result.extensions).toEqual([...result.extensions].sort());
    expect(new Set(result.extensions).size).toBe(result.extensions.length);
    expect(result.kernelArgs).toEqual(["amd_iommu=off", "amdgpu.gttsize=131072", "ttm.pages_limit=33554432"]);
  });

  test("a custom profile without a driver goes together with the cards' own", () => {
    const custom: GpuProfile = {
      ...profile("none"),
      ...{ id: "tenstorrent", name: "tenstorrent", vendor: "other" },
      extensions: [{ name: "siderolabs/tenstorrent", when: "always" }],
    };
    const result = resolveProfiles({
      ...{ profiles: [custom, profile("nvidia-open-production")], talosVersion: "v1.14.0", arch: "amd64" },
      gpus: [ada],
    });
    expect(result.ok && result.extensions).toContain("siderolabs/tenstorrent");
  });

  test("no profile and the profile none come to nothing", () => {
    expect(resolved([]).extensions).toEqual([]);
    expect(resolved(["none"]).extensions).toEqual([]);
  });

  test("a new release is resolved with the factory's own list", () => {
    const list = ["siderolabs/amdgpu", "siderolabs/amd-ucode"];
    const amd = [gpu("1002:744c")];
    expect(rules(["amd"], { talosVersion: "v1.15.0", gpus: amd })).toEqual(["unknown-release"]);
    expect(resolved(["amd"], { talosVersion: "v1.15.0", gpus: amd, availableExtensions: list }).ok).toBe(true);
  });

  test("a profile on a node without any GPU is a warning for AMD and Intel, and a card without profile too", () => {
    expect(resolved(["amd"], { gpus: [] }).warnings.join(" ")).toContain("no AMD GPU");
    const both = [ada, gpu("1002:744c")];
    expect(resolved(["amd"], { gpus: both }).warnings.join(" ")).toContain("No profile covers RTX 4090");
  });
});

describe("what is refused", () => {
  const cases: [string, string[], Partial<ResolveInput>, string][] = [
    ["open with proprietary", ["nvidia-open-lts", "nvidia-proprietary-lts"], {}, "open-with-proprietary"],
    ["different channels", ["nvidia-open-lts", "nvidia-open-production"], {}, "different-channels"],
    ["Pascal with the open modules", ["nvidia-open-production"], { gpus: [pascal] }, "generation-not-open"],
    ["Pascal with 595", ["nvidia-proprietary-production"], { gpus: [pascal] }, "generation-dropped"],
    [
      "Blackwell with the proprietary modules",
      ["nvidia-proprietary-lts"],
      { gpus: [blackwell] },
      "generation-open-only",
    ],
    ["Blackwell with 535", ["nvidia-open-lts"], { gpus: [blackwell], talosVersion: "v1.11.2" }, "generation-too-new"],
    ["no NVIDIA GPU", ["nvidia-open-lts"], { gpus: [gpu("1002:744c")] }, "toolkit-without-gpu"],
    ["hardware never seen", ["nvidia-open-lts"], { gpus: null }, "toolkit-without-gpu"],
    ["xe before 1.12", ["intel-xe"], { talosVersion: "v1.11.6", gpus: [gpu("8086:e20b")] }, "profile-range"],
    ["AMD's driver for NVIDIA's card alone", ["amd"], {}, "vendor-absent"],
    ["Intel's driver for AMD's card alone", ["intel-i915"], { gpus: [gpu("1002:744c")] }, "vendor-absent"],
    ["i915 for Battlemage", ["intel-i915"], { gpus: [gpu("8086:e20b")] }, "driver-not-binding"],
    ["xe for Skylake", ["intel-xe"], { gpus: [gpu("8086:1912")] }, "driver-not-binding"],
    ["xe for Alchemist", ["intel-xe"], { gpus: [gpu("8086:56a5")], kernelArgs: [] }, "driver-needs-argument"],
    ["AMD on arm64", ["amd"], { arch: "arm64", gpus: [gpu("1002:744c")] }, "architecture"],
    ["none with another", ["none", "nvidia-open-lts"], {}, "none-with-others"],
    ["Talos 1.8", ["none"], { talosVersion: "v1.8.3" }, "unknown-release"],
    ["nonsense for a release", ["none"], { talosVersion: "latest\n" }, "unknown-release"],
    [
      "absent at the factory",
      ["amd"],
      { gpus: [gpu("1002:744c")], availableExtensions: ["siderolabs/amd-ucode"] },
      "extension-absent",
    ],
  ];
  test.each(cases)("%s", (_name, ids, over, rule) => {
    expect(rules(ids, over)).toContain(rule);
  });

  test("Pascal runs where its branch still is: 1.12 production, LTS everywhere", () => {
    expect(rules(["nvidia-proprietary-production"], { gpus: [pascal], talosVersion: "v1.12.0" })).toEqual([]);
    for (const minor of [9, 10, 11, 12, 13, 14]) {
      expect(rules(["nvidia-proprietary-lts"], { gpus: [pascal], talosVersion: `1.${minor}` })).toEqual([]);
    }
  });

  test("custom profiles that contradict each other", () => {
    const custom = (id: string, value: string): GpuProfile => ({
      ...profile("none"),
      id,
      driver: { kind: "amdgpu" },
      vendor: "amd",
      sysctls: [{ key: "vm.x", value }],
      kernelModules: [{ name: "m", parameters: [value] }],
    });
    const result = resolve([], { gpus: [gpu("1002:744c")], profiles: [custom("a", "1"), custom("b", "2")] });
    expect(result.ok ? [] : result.refusals.map(({ rule }) => rule).sort()).toEqual([
      "conflicting-module",
      "conflicting-sysctl",
    ]);
  });

  test("a toolkit without modules, in the schematic and in the config", () => {
    const bare: GpuProfile = {
      ...profile("nvidia-open-lts"),
      extensions: [{ name: "siderolabs/nvidia-container-toolkit-lts", when: "always" }],
      kernelModules: [],
    };
    const result = resolve([], { profiles: [bare] });
    expect(result.ok ? [] : result.refusals.map(({ rule }) => rule)).toEqual([
      "toolkit-without-modules",
      "toolkit-without-modules",
    ]);
  });

  test("the sentences name the card, the branch and the way out", () => {
    const result = resolve(["nvidia-proprietary-production"], { gpus: [pascal] });
    expect(result.ok ? "" : result.refusals[0]?.message).toBe(
      "GP102 is Pascal: the 595 driver does not support it any more, R580 is the last branch that does.",
    );
    const renamed = resolve([], {
      gpus: [gpu("1002:744c")],
      profiles: [{ ...profile("amd"), extensions: [{ name: "siderolabs/i915-ucode", when: "always" }] }],
    });
    expect(renamed.ok ? "" : renamed.refusals[0]?.message).toContain("called siderolabs/i915 now");
  });
});
