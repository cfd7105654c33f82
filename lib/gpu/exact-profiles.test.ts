import { expect, it } from "vitest";
import { gpuFromIds } from "./detect";
import { exactProfiles } from "./exact-profiles";

const gpu = (ids: string) => gpuFromIds(ids) ?? expect.fail(ids);
const rtx3090 = gpu("10de:2204");
const rtx4090 = gpu("10de:2684");
const gtx1080ti = gpu("10de:1b06");
const rx7900 = gpu("1002:744c");
const strixHalo = gpu("1002:1586");
const toolkit = "siderolabs/nvidia-container-toolkit-production";
const open = "siderolabs/nvidia-open-gpu-kernel-modules-production";
const closed = "siderolabs/nonfree-kmod-nvidia-production";
const amd = ["siderolabs/amd-ucode", "siderolabs/amdgpu"];
const strixArgs = ["amd_iommu=off", "amdgpu.gttsize=131072", "ttm.pages_limit=33554432"];

it.each<[string, ReturnType<typeof gpu>[], string[], string[], string[]]>([
  ["the open driver", [rtx4090], [open, toolkit], [], ["nvidia-open-production"]],
  ["the proprietary driver", [rtx3090], [closed, toolkit], [], ["nvidia-proprietary-production"]],
  [
    "other extensions count for nothing",
    [rtx4090],
    [open, toolkit, "siderolabs/iscsi-tools"],
    ["x=1"],
    ["nvidia-open-production"],
  ],
  ["a driver without its toolkit", [rtx4090], [open], [], []],
  ["two drivers", [rtx4090], [open, closed, toolkit], [], []],
  ["a driver that does not drive the card", [gtx1080ti], [open, toolkit], [], []],
  ["no extension", [rtx4090], [], [], []],
  ["no GPU", [], [open, toolkit], [], []],
  ["an AMD card", [rx7900], amd, [], ["amd"]],
  ["an AMD card without its microcode", [rx7900], ["siderolabs/amdgpu"], [], []],
  ["Strix Halo, tuned", [strixHalo], amd, strixArgs, ["amd-strix-halo"]],
  ["Strix Halo, as it is", [strixHalo], amd, [], ["amd"]],
  ["two vendors", [rtx4090, rx7900], [...amd, open, toolkit], [], ["amd", "nvidia-open-production"]],
  ["two vendors, one of them exactly", [rtx4090, rx7900], [...amd, open], [], ["amd"]],
])("%s", (_, gpus, extensions, kernelArgs, ids) => {
  const found = { gpus, nvSwitch: false, talosVersion: "v1.14.0", arch: "amd64" as const, extensions, kernelArgs };
  expect(
    exactProfiles(found)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids);
});
