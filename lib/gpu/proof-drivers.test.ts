import { describe, expect, test } from "vitest";
import { amd as anyAmd, gpu, profile, prove, radeon } from "./testing";

describe("case 11: a module that the config asks for and the kernel does not load", () => {
  const message = 'Waiting for file "/sys/bus/pci/drivers/nvidia" to exist';
  const waiting = [{ id: "ext-nvidia-persistenced", state: "Waiting", message }];

  test.each([["assigned", [profile("nvidia-open-production")]] as const, ["only recognised", []] as const])(
    "with a profile that is %s, the kernel log is the remedy, and the service that waits is named",
    (_name, profiles) => {
      const proof = prove({ profiles, modules: ["ext4"], boundDrivers: {}, waiting });
      expect(proof.firstBroken).toBe(4);
      expect(proof.why).toContain("The machine config asks for nvidia");
      expect(proof.why).toContain(`ext-nvidia-persistenced is not up: ${message}.`);
      expect(proof.why).not.toMatch(/does not (load|ask)/);
      expect(proof.remedy?.action).toEqual({ kind: "kernel-log" });
      expect(proof.remedy?.sentence).not.toMatch(/schematic|Assign|Apply/);
    },
  );

  test("a service of another kind that waits is no reason", () => {
    const proof = prove({ modules: ["ext4"], waiting: [{ id: "etcd", state: "Waiting", message: "for others" }] });
    expect(proof.why).not.toContain("etcd");
  });
});

describe("AMD and Intel", () => {
  const amd = { ...anyAmd, drmNodes: { [radeon.pciAddress]: ["card0", "renderD128"] } };

  test("a Radeon works", () => {
    expect(prove(amd, radeon).state).toBe("working");
  });

  test("its own render node is what counts, not a neighbour's", () => {
    const proof = prove({ ...amd, drmNodes: { [radeon.pciAddress]: ["card0"] } }, radeon);
    expect(proof.links[6]).toMatchObject({ state: "broken", evidence: "missing: /dev/dri/renderD*" });
  });

  test("a driver that udev did not load is looked for in the kernel log, whoever made the card", () => {
    const proof = prove({ ...amd, modules: ["ext4"], boundDrivers: {} }, radeon);
    expect(proof).toMatchObject({ firstBroken: 4, remedy: { action: { kind: "kernel-log" } } });
    expect(proof.why).toMatch(/^The kernel has not loaded amdgpu, which drives /);
  });

  test("device nodes of AMD send nobody to NVIDIA's services", () => {
    const proof = prove({ ...amd, deviceFiles: ["dri/renderD128"] }, radeon);
    expect(proof.links[6]).toMatchObject({ state: "broken", evidence: "missing: /dev/kfd" });
    expect(proof.remedy?.sentence).not.toMatch(/nvidia/i);
  });

  test("firmware that fails to load is named", () => {
    const line = "amdgpu 0000:01:00.0: amdgpu: failed to load ucode VCN firmware";
    const proof = prove({ ...amd, boundDrivers: {}, kernelLog: [line] }, radeon);
    expect(proof.why).toContain("failed to load its firmware");
    expect(proof.evidence).toEqual([line]);
  });

  test("xe needs mei too, beside a discrete card", () => {
    const arc = gpu("8086:e20b");
    const proof = prove(
      {
        ...amd,
        profiles: [profile("intel-xe")],
        runningSchematic: { id: "9af96a9f08c57db8", extensions: ["siderolabs/intel-ucode", "siderolabs/xe"] },
      },
      arc,
    );
    expect(proof.links[2]?.evidence).toContain("lacks mei");
  });
});
