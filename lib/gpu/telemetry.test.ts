import { expect, test } from "vitest";
import { gpuFromIds } from "./detect";
import { gpuTelemetry, type GpuDevice } from "./schema";
import { telemetryFrom, telemetryListPaths, telemetryReadPaths } from "./telemetry";

const gpu = (ids: string, driver: string): GpuDevice => {
  const found = gpuFromIds(ids);
  if (!found) throw new Error(`${ids} is no GPU`);
  return { ...found, driver };
};
const root = "/sys/bus/pci/devices/0000:01:00.0";
const names = { hwmon: ["hwmon3"], drm: ["card1", "renderD128"] };

test("AMD: load, memory, temperature and power from sysfs", () => {
  const radeon = gpu("1002:744c", "amdgpu");
  expect(telemetryListPaths(radeon)).toEqual([`${root}/hwmon`, `${root}/drm`]);
  const paths = telemetryReadPaths(radeon, names);
  expect(paths).toContain(`${root}/hwmon/hwmon3/power1_average`);
  const contents = new Map([
    [`${root}/gpu_busy_percent`, "37\n"],
    [`${root}/mem_info_vram_used`, "1073741824\n"],
    [`${root}/mem_info_vram_total`, "25753026560\n"],
    [`${root}/hwmon/hwmon3/temp1_input`, "54000\n"],
    [`${root}/hwmon/hwmon3/power1_input`, "88000000\n"],
  ]);
  const { telemetry, sample } = telemetryFrom(radeon, names, contents, { atMs: 0 });
  expect(gpuTelemetry.parse(telemetry)).toEqual({
    pciAddress: "0000:01:00.0",
    utilizationPercent: 37,
    memoryUsedBytes: 1_073_741_824,
    memoryTotalBytes: 25_753_026_560,
    temperatureCelsius: 54,
    powerWatts: 88,
    unavailableReason: null,
  });
  expect(sample).toBeNull();
});

test.each([
  ["8086:56a0", "i915", `${root}/drm/card1/gt/gt0/rc6_residency_ms`],
  ["8086:e20b", "xe", `${root}/tile0/gt0/gtidle/idle_residency_ms`],
])("Intel %s under %s: load is what is left of the time asleep", (ids, driver, file) => {
  const arc = gpu(ids, driver);
  const first = telemetryFrom(arc, names, new Map([[file, "1000"]]), { atMs: 0 });
  expect(first.telemetry).toMatchObject({ utilizationPercent: null, unavailableReason: null });
  const second = telemetryFrom(arc, names, new Map([[file, "1750"]]), { atMs: 1000, before: first.sample });
  expect(second.telemetry.utilizationPercent).toBeCloseTo(25);
  // After a reboot the counter starts anew.
  expect(
    telemetryFrom(arc, names, new Map([[file, "5"]]), { atMs: 2000, before: second.sample }).telemetry
      .utilizationPercent,
  ).toBeNull();
});

test("what is absent or nonsense is null with a reason, never 0", () => {
  const radeon = gpu("1002:744c", "amdgpu");
  for (const text of ["", "busy", "1e9", "-", "9".repeat(30)]) {
    const { telemetry } = telemetryFrom(radeon, { hwmon: [], drm: [] }, new Map([[`${root}/gpu_busy_percent`, text]]), {
      atMs: 0,
    });
    expect(telemetry).toMatchObject({
      utilizationPercent: null,
      unavailableReason: expect.stringContaining("nothing"),
    });
  }
  const nvidia = gpu("10de:2684", "nvidia");
  expect(telemetryListPaths(nvidia)).toEqual([]);
  expect(telemetryFrom(nvidia, names, new Map(), { atMs: 0 }).telemetry.unavailableReason).toContain("dcgm-exporter");
});
