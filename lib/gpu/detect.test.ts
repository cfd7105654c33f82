import { describe, expect, test } from "vitest";
import { gpuFromIds, gpusFromPci, hasNvSwitch, type PciFunction } from "./detect";

const pci = (over: Partial<PciFunction>): PciFunction => ({
  id: "0000:41:00.0",
  classId: "0x03",
  subclassId: "0x00",
  vendorId: "0x10de",
  productId: "0x1b06",
  ...over,
});

describe("gpusFromPci", () => {
  test("a card with its name, generation and chip", () => {
    expect(gpusFromPci([pci({ driver: "nvidia" })])).toEqual([
      {
        pciAddress: "0000:41:00.0",
        vendor: "nvidia",
        vendorId: "10de",
        deviceId: "1b06",
        model: "GTX 1080 Ti",
        generation: "Pascal",
        chip: "GP102",
        driver: "nvidia",
      },
    ]);
  });

  test.each([
    ["1a03", "2000"],
    ["102b", "0536"],
    ["1af4", "1050"],
    ["1234", "1111"],
    ["15ad", "0405"],
    ["1b36", "0100"],
    ["1013", "00b8"],
    ["1414", "5353"],
    ["80ee", "beef"],
    ["18ca", "0020"],
    // ES1000 and Rage XL of server boards.
    ["1002", "515e"],
    ["1002", "5969"],
    ["1002", "4752"],
  ])("the display %s:%s of a BMC or virtual machine is no GPU", (vendorId, productId) => {
    expect(gpusFromPci([pci({ vendorId, productId })])).toEqual([]);
  });

  test("a domain of its own, as GB10 has, is written as sysfs writes it", () => {
    for (const id of ["000f:01:00.0", "000F:01:00.0", "0000000F:01:00.0"]) {
      const [found] = gpusFromPci([pci({ id, productId: "0x2e12" })]);
      expect(found).toMatchObject({ pciAddress: "000f:01:00.0", chip: "GB10" });
    }
    expect(gpusFromPci([pci({ id: "00000000:41:00.0" })])[0]?.pciAddress).toBe("0000:41:00.0");
    expect(gpusFromPci([pci({ id: "10000:01:00.0" })])[0]?.pciAddress).toBe("10000:01:00.0");
  });

  test("other functions of a card, network cards and NPUs are no GPUs", () => {
    expect(
      gpusFromPci([
        pci({ classId: "0x04", id: "0000:41:00.1" }),
        pci({ classId: "0x02", vendorId: "0x8086" }),
        pci({ classId: "0x12", vendorId: "0x8086", productId: "0x7d1d" }),
        pci({ classId: "0x11", vendorId: "0x1022", productId: "0x17f0" }),
      ]),
    ).toEqual([]);
  });

  test("processing accelerators are", () => {
    const found = gpusFromPci([
      pci({ id: "0000:02:00.0", classId: "0x12", vendorId: "0x1002", productId: "0x74a1" }),
      pci({ id: "0000:01:00.0", classId: "0x12", vendorId: "0x1e52", productId: "0x401e" }),
    ]);
    expect(found.map(({ model, vendor }) => [model, vendor])).toEqual([
      ["Tenstorrent Wormhole", "other"],
      ["Instinct MI300X", "amd"],
    ]);
  });

  test("a card that the catalogue does not know is named as the node names it", () => {
    const [found] = gpusFromPci([pci({ productId: "0x3ffe", product: "GZ100 [GeForce Future]\u001b[31m" })]);
    expect(found).toMatchObject({ model: "GZ100 [GeForce Future][31m", generation: null, chip: null });
    expect(gpusFromPci([pci({ productId: "0x3ffe", product: "GZ100 [GeForce Future]" })])[0]?.model).toBe(
      "GeForce Future",
    );
    expect(gpusFromPci([pci({ productId: "0x3ffe" })])[0]?.model).toBe("10de:3ffe");
  });

  test("nonsense from a node is left out or cut, never thrown", () => {
    expect(gpusFromPci([pci({ vendorId: "0xzz" }), pci({ productId: "" }), pci({ classId: "three" })])).toEqual([]);
    const [found] = gpusFromPci([pci({ driver: "x".repeat(5000), product: "\u0000" })]);
    expect(found?.driver).toHaveLength(80);
  });
});

test("gpuFromIds reads a pair and nothing else", () => {
  expect(gpuFromIds("10DE:1B06")?.chip).toBe("GP102");
  for (const bad of ["", "10de", "10de:1b06:1", "10de:xyz1", "1a03:2000"]) expect(gpuFromIds(bad)).toBeNull();
});

test("an NVSwitch is a bridge of NVIDIA's", () => {
  expect(hasNvSwitch([pci({ classId: "0x06", subclassId: "0x80", productId: "0x1af1" })])).toBe(true);
  expect(hasNvSwitch([pci({}), pci({ classId: "0x06", subclassId: "0x80", vendorId: "0x8086" })])).toBe(false);
});
