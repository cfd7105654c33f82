import type { SimNode } from "./node";

type AddFile = (path: string, read: () => string) => void;

const MiB = 1024 ** 2;

/** The cgroups of Talos' services, with the counters that `talosctl cgroups` shows. */
export function cgroupFiles(node: SimNode, file: AddFile): void {
  const running = node.services.ids().filter((id) => node.services.state(id) === "Running");
  const place = (id: string) =>
    ["cri", "kubelet", "etcd"].includes(id) ? `podruntime/${id === "cri" ? "runtime" : id}` : `system/${id}`;
  const groups = ["init", ...running.filter((id) => id !== "machined").map(place)];
  for (const group of ["", "/podruntime", "/system", ...groups.map((name) => `/${name}`)]) {
    const path = `/sys/fs/cgroup${group}`;
    const current = (24 + group.length) * MiB;
    file(`${path}/cgroup.procs`, () => `${1200 + group.length * 37}\n`);
    file(`${path}/cpu.stat`, () => `usage_usec ${current}\nuser_usec ${current / 2}\nsystem_usec ${current / 2}\n`);
    if (group === "") continue;
    file(`${path}/cpu.weight`, () => "100\n");
    file(`${path}/memory.current`, () => `${current}\n`);
    file(`${path}/memory.peak`, () => `${current * 2}\n`);
    for (const limit of ["memory.max", "memory.high"]) file(`${path}/${limit}`, () => "max\n");
    for (const floor of ["memory.min", "memory.low"]) file(`${path}/${floor}`, () => "0\n");
  }
}

/** The PCI functions, one a line: bus and place, ids, and driver (the kernel's pci/proc.c); resources are all zero. */
export function pciList(node: SimNode): string {
  const zeros = Array.from({ length: 15 }, () => "0").join("\t");
  return node.machine.pci
    .map(({ address, vendorId, productId }) => {
      const [, bus = "00", rest = "00.0"] = address.split(":");
      const [device = "00", fn = "0"] = rest.split(".");
      const place = ((Number.parseInt(device, 16) << 3) | Number.parseInt(fn, 16)).toString(16).padStart(2, "0");
      const driver = node.drivers.bindings.get(address) ?? "";
      return `${bus}${place}\t${vendorId}${productId}\t0\t${zeros}\t${driver}\n`;
    })
    .join("");
}
