import { expect, test } from "vitest";
import { gpuFromIds } from "./detect";
import { evidenceFromListings, isGpuKernelLine, proofListPaths } from "./proof-paths";

const gpus = ["10de:2684", "1002:744c"].flatMap((ids, index) => gpuFromIds(ids, index) ?? []);

test("the paths that the chain needs, and none without GPUs", () => {
  expect(proofListPaths([])).toEqual([]);
  expect(proofListPaths(gpus)).toEqual([
    "/sys/bus/pci/drivers/nvidia",
    "/sys/bus/pci/drivers/amdgpu",
    "/sys/bus/pci/drivers/i915",
    "/sys/bus/pci/drivers/xe",
    "/sys/bus/pci/drivers/vfio-pci",
    "/sys/module",
    "/dev",
    "/dev/dri",
    "/run/cdi",
    "/sys/bus/pci/devices/0000:02:00.0/drm",
  ]);
});

test("listings become evidence; what could not be listed is null, not empty", () => {
  const evidence = evidenceFromListings(
    new Map([
      ["/sys/bus/pci/drivers/nvidia", ["0000:01:00.0", "bind", "new_id", "module"]],
      ["/sys/bus/pci/drivers/vfio-pci", []],
      ["/dev", ["nvidia0", "nvidiactl", "dri"]],
      ["/dev/dri", ["card0", "renderD128"]],
      ["/sys/bus/pci/devices/0000:02:00.0/drm", ["card0", "renderD128", "version"]],
    ]),
    gpus,
  );
  expect(evidence).toEqual({
    boundDrivers: { "0000:01:00.0": "nvidia" },
    modules: null,
    deviceFiles: ["nvidia0", "nvidiactl", "dri", "dri/card0", "dri/renderD128"],
    drmNodes: { "0000:02:00.0": ["card0", "renderD128"] },
    cdiFiles: null,
  });
  expect(evidenceFromListings(new Map(), gpus)).toEqual({
    boundDrivers: null,
    modules: null,
    deviceFiles: null,
    drmNodes: null,
    cdiFiles: null,
  });
});

test("kernel lines of GPUs", () => {
  expect(
    ["NVRM: x", "amdgpu 0000:01:00.0: y", "i915 0000:00:02.0: GuC", "xe 0000:03:00.0: z"].every(isGpuKernelLine),
  ).toBe(true);
  expect(isGpuKernelLine("eth0: link up")).toBe(false);
});
