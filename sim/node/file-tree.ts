import { gpuModelOf } from "../hardware/pci";
import { atLeast } from "../factory/releases";
import { loadAt, uptimeSeconds, workSeconds } from "./load";
import { loadedExtensions } from "./publish-extensions";
import { cgroupFiles, pciList } from "./system-files";
import type { SimNode } from "./node";

export type FileEntry =
  { kind: "directory" } | { kind: "link"; target: string } | { kind: "file"; read: () => string } | { kind: "device" };

/** The parts of a node's file system that tell about its cards: procfs, sysfs, device nodes, CDI. Absolute paths. */
export function fileTree(node: SimNode): Map<string, FileEntry> {
  const tree = new Map<string, FileEntry>([["/", { kind: "directory" }]]);
  const add = (path: string, entry: FileEntry) => {
    const parts = path.split("/").slice(1, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const parent = `/${parts.slice(0, depth).join("/")}`;
      if (!tree.has(parent)) tree.set(parent, { kind: "directory" });
    }
    tree.set(path, entry);
  };
  const file = (path: string, read: () => string) => add(path, { kind: "file", read });
  file("/proc/sys/kernel/random/boot_id", () => `${node.bootId}\n`);
  file(
    "/etc/os-release",
    () => `NAME="Talos"\nID=talos\nVERSION_ID=${node.running.release}\nPRETTY_NAME="Talos (${node.running.release})"\n`,
  );
  file("/proc/bus/pci/devices", () => pciList(node));
  cgroupFiles(node, file);
  add("/sys/dev/block", { kind: "directory" });
  add("/dev", { kind: "directory" });
  add("/sys/module", { kind: "directory" });
  add("/sys/bus/pci/drivers", { kind: "directory" });
  for (const name of ["null", "zero", "kmsg", node.machine.disk.id, ...node.drivers.deviceNodes])
    add(`/dev/${name}`, { kind: "device" });
  for (const loaded of node.drivers.modules)
    file(`/sys/module/${loaded.name}/refcnt`, () => `${loaded.referenceCount}\n`);
  let card = 0;
  for (const device of node.pci) {
    const path = `/sys/bus/pci/devices/${device.address}`;
    file(`${path}/vendor`, () => `0x${device.vendorId}\n`);
    file(`${path}/device`, () => `0x${device.productId}\n`);
    file(`${path}/class`, () => `0x${device.classId}${device.subclassId}00\n`);
    file(`${path}/numa_node`, () => "0\n");
    const driver = node.drivers.bindings.get(device.address);
    if (driver === undefined) continue;
    add(`${path}/driver`, { kind: "link", target: `../../../bus/pci/drivers/${driver}` });
    add(`/sys/bus/pci/drivers/${driver}/${device.address}`, {
      kind: "link",
      target: `../../../../devices/pci0000:00/${device.address}`,
    });
    if (!gpuModelOf(device) || node.drivers.withoutNodes?.has(driver)) continue;
    const name = `card${card}`;
    add(`${path}/drm/${name}`, { kind: "directory" });
    add(`${path}/drm/renderD${128 + card}`, { kind: "directory" });
    add(`/sys/class/drm/${name}/device`, { kind: "directory" });
    telemetry(node, driver, device.address, card, file);
    card++;
  }
  if (node.drivers.nvidiaVersion !== null) nvidiaFiles(node, file);
  return tree;
}

function telemetry(
  node: SimNode,
  driver: string,
  address: string,
  card: number,
  file: (path: string, read: () => string) => void,
): void {
  const model = node.machine.pci.flatMap((device) => (device.address === address ? [gpuModelOf(device)] : []))[0];
  const load = () => loadAt(node, node.world.clock.nowMs() + card * 9_000);
  const idleMs = () => `${Math.round((uptimeSeconds(node) - workSeconds(node)) * 1000)}\n`;
  const pci = `/sys/bus/pci/devices/${address}`;
  // The card's `device` is a link to the PCI function: the same files under each name.
  for (const device of [pci, `${pci}/drm/card${card}/device`, `/sys/class/drm/card${card}/device`]) {
    const hwmon = `${device}/hwmon/hwmon${card + 2}`;
    if (driver === "amdgpu" && model) {
      file(`${device}/gpu_busy_percent`, () => `${Math.round(load() * 100)}\n`);
      file(`${device}/mem_busy_percent`, () => `${Math.round(load() * 41)}\n`);
      file(`${device}/mem_info_vram_total`, () => `${model.memoryBytes}\n`);
      file(`${device}/mem_info_vram_used`, () => `${Math.round(model.memoryBytes * (0.08 + load() * 0.7))}\n`);
      file(`${device}/product_name`, () => `${model.marketing}\n`);
      file(`${hwmon}/name`, () => "amdgpu\n");
      file(`${hwmon}/temp1_input`, () => `${Math.round(38_000 + load() * 41_000)}\n`);
      file(`${hwmon}/power1_average`, () => `${Math.round(22_000_000 + load() * 300_000_000)}\n`);
      file(`${hwmon}/power1_cap`, () => "339000000\n");
    }
    if (driver === "xe" && model) file(`${device}/tile0/gt0/gtidle/idle_residency_ms`, idleMs);
  }
  for (const base of [`/sys/class/drm/card${card}`, `${pci}/drm/card${card}`]) {
    if (driver === "i915" && model) {
      file(`${base}/gt_cur_freq_mhz`, () => `${Math.round(300 + load() * 2_100)}\n`);
      file(`${base}/gt_act_freq_mhz`, () => `${Math.round(300 + load() * 2_100)}\n`);
      file(`${base}/gt_RP0_freq_mhz`, () => "2400\n");
      file(`${base}/gt/gt0/rc6_residency_ms`, idleMs);
      if (model.memoryBytes > 0) file(`${base}/lmem_total_bytes`, () => `${model.memoryBytes}\n`);
    }
  }
}

function nvidiaFiles(node: SimNode, file: (path: string, read: () => string) => void): void {
  file(
    "/proc/driver/nvidia/version",
    () => `${node.drivers.nvidiaVersion ?? ""}\nGCC version:  gcc version 15.2.0 (GCC)\n`,
  );
  const cards = node.pci.filter((device) => node.drivers.bindings.get(device.address) === "nvidia");
  for (const [index, device] of cards.entries()) {
    const uuid = `GPU-${node.machine.uuid.slice(0, 24)}${device.address.slice(5, 7)}${String(index).padStart(10, "0")}`;
    file(
      `/proc/driver/nvidia/gpus/${device.address}/information`,
      () =>
        `Model: \t\t ${gpuModelOf(device)?.marketing ?? device.product}\nIRQ:   \t\t ${140 + index}\nGPU UUID: \t ${uuid}\nVideo BIOS: \t 95.02.18.80.87\nBus Type: \t PCIe\nDMA Size: \t 47 bits\nDMA Mask: \t 0x7fffffffffff\nBus Location: \t ${device.address}\nDevice Minor: \t ${index}\nGPU Firmware: \t ${/ (\d+\.[\d.]+) /.exec(node.drivers.nvidiaVersion ?? "")?.[1] ?? ""}\nGPU Excluded:\t No\n`,
    );
  }
  const toolkit = loadedExtensions(node).some((name) => name.startsWith("nvidia-container-toolkit-"));
  if (toolkit && !node.drivers.withoutNodes?.has("nvidia") && atLeast(node.running.release, "1.13.0")) {
    file(
      "/run/cdi/nvidia.yaml",
      () =>
        `cdiVersion: 0.8.0\nkind: nvidia.com/gpu\ndevices:\n${cards.map((_, index) => `    - name: "${index}"\n`).join("")}    - name: all\n`,
    );
  }
}
