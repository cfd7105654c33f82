import { describe, expect, test } from "vitest";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { diskSelectorExpression } from "@/lib/machine-config/disk-selector";
import type { DiskSelector } from "@/lib/machine-config/schema";
import { diskIssues, type DiskSpec, type ReadDisk } from "./disk-issues";

const disk = (id: string, over: Partial<DiskSpec> = {}): ReadDisk => ({
  id,
  spec: {
    sizeBytes: 1_000_000_000_000,
    prettySize: "1.0 TB",
    sectorSizeBytes: 512,
    readOnly: false,
    model: "WD_BLACK SN850X",
    serial: "S1",
    modalias: "",
    wwid: "",
    uuid: "",
    busPath: "",
    subSystem: "",
    transport: "nvme",
    rotational: false,
    cdrom: false,
    devPath: `/dev/${id}`,
    symlinks: [],
    ...over,
  },
});
const nvme = disk("nvme0n1", { symlinks: ["/dev/disk/by-id/nvme-WD"] });
const hdd = (id: string) =>
  disk(id, { transport: "sata", rotational: true, model: "WDC WD40", prettySize: "4.0 TB", sizeBytes: 4e12 });
const loop = disk("loop0", { transport: "", readOnly: true, sizeBytes: 1000, prettySize: "1.0 kB" });

const legacy = (install: string) => parseMachineConfig(`machine:\n  install: ${install}\n`);
const unattended = (match: string) =>
  parseMachineConfig(
    `apiVersion: v1alpha1\nkind: UnattendedInstallConfig\nprovisioning:\n  diskSelector:\n    match: ${JSON.stringify(match)}\n`,
  );
/** The wish in both ways of writing it. */
const both = (selector: DiskSelector) => [
  legacy(`{diskSelector: ${JSON.stringify(selector)}}`),
  unattended(diskSelectorExpression(selector)),
];
const messages = (config: ReturnType<typeof legacy>, disks: ReadDisk[] | null) =>
  diskIssues(config, disks).map(({ severity, message }) => `${severity}: ${message}`);

const none = "error: None of the machine's disks fits (nvme0n1, 1 TB, WD_BLACK SN850X).";

describe("a disk that the machine does not have", () => {
  test("by its path", () => {
    for (const config of [legacy("{disk: /dev/sda}"), unattended('disk.dev_path == "/dev/sda"')])
      expect(messages(config, [loop, nvme])).toEqual([none]);
  });
  test.each<DiskSelector>([{ type: "hdd" }, { size: ">= 10TB" }, { model: "Samsung*" }, { serial: "x" }])(
    "by selector %j",
    (selector) => {
      for (const config of both(selector)) expect(messages(config, [loop, nvme])).toEqual([none]);
    },
  );
  test("says where", () => {
    expect(diskIssues(legacy("{disk: /dev/sda}"), [nvme])[0]?.path).toBe("machine.install.disk");
    expect(diskIssues(legacy("{diskSelector: {type: hdd}}"), [nvme])[0]?.path).toBe("machine.install.diskSelector");
    expect(diskIssues(unattended("disk.rotational"), [nvme])[0]?.path).toBe(
      "UnattendedInstallConfig.provisioning.diskSelector.match",
    );
  });
  test("or that has none at all", () => {
    expect(messages(legacy("{disk: /dev/sda}"), [loop])).toEqual([
      "error: The machine has no disk that Talos can be installed to.",
    ]);
  });
});

test("one that fits is no issue, by any of its names where Talos takes them", () => {
  expect(messages(legacy("{disk: /dev/nvme0n1}"), [nvme])).toEqual([]);
  expect(messages(legacy("{disk: /dev/disk/by-id/nvme-WD}"), [nvme])).toEqual([]);
  // The expression of 1.14 compares the path as it is.
  expect(messages(unattended('disk.dev_path == "/dev/disk/by-id/nvme-WD"'), [nvme])).toEqual([none]);
  for (const config of both({ type: "nvme" })) expect(messages(config, [hdd("sda"), nvme])).toEqual([]);
});

test("of several, the one that is erased is named: the first by name", () => {
  for (const config of both({ type: "hdd" }))
    expect(messages(config, [hdd("sdb"), nvme, hdd("sda")])).toEqual([
      "warning: 2 disks fit (sda, 4 TB, WDC WD40; sdb, 4 TB, WDC WD40). Talos takes the first of them by name and erases it: sda, 4 TB, WDC WD40.",
    ]);
});

test("what is no place for Talos is refused; USB is a warning", () => {
  const cd = disk("sr0", { cdrom: true, transport: "sata" });
  expect(messages(legacy("{disk: /dev/sr0}"), [cd, nvme])[0]).toMatch(
    /^error: Talos cannot be installed to sr0.*optical/,
  );
  const locked = disk("sda", { readOnly: true });
  expect(messages(legacy("{disk: /dev/sda}"), [locked])[0]).toMatch(/^error: .* read-only\.$/);
  // The old selector leaves these out by itself.
  expect(messages(legacy("{diskSelector: {model: 'WD_*'}}"), [locked, nvme])).toEqual([]);
  expect(messages(legacy("{disk: /dev/sda}"), [disk("sda", { transport: "usb" })])[0]).toMatch(
    /^warning: .* is on USB/,
  );
});

test("what is not known is said", () => {
  expect(messages(legacy("{disk: /dev/sda}"), null)[0]).toMatch(/^warning: .* could not be read/);
  expect(messages(unattended("disk.model.matches('x')"), [nvme])[0]).toMatch(/^warning: Ichor cannot evaluate/);
  expect(messages(legacy("{image: x}"), [nvme])).toEqual([]);
});
