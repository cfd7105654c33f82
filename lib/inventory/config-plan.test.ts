import { describe, expect, test } from "vitest";
import { gpuFromIds } from "@/lib/gpu/detect";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { builtInProfile } from "@/lib/gpu/profiles";
import { documentOfKind, legacyDocument, parseMachineConfig, valueAt } from "@/lib/machine-config/documents";
import { intentPatches, planConfig, releaseOfFirstConfig } from "./config-plan";
import { initialNodeState } from "./node-state";
import { testFacts, testRecord } from "./testing";

const profile = (id: string) => {
  const found = builtInProfile(id);
  if (!found) throw new Error(`no profile ${id}`);
  return found;
};
const stateWith = (profileId: string, talosVersion: string) =>
  initialNodeState(testRecord({ profiles: [profile(profileId)] }), testFacts({ talosVersion }));
const planned = (config: string, profileId: string, talosVersion: string) =>
  parseMachineConfig(planConfig(config, intentPatches(config, stateWith(profileId, talosVersion)), talosVersion).after);

const legacy = `version: v1alpha1
machine:
  type: worker
  kernel:
    modules:
      - name: nvidia
      - name: nvidia_uvm
      - name: vfio_pci
cluster: {}
`;

test("leaving a card alone takes its former modules out of the list, and no module of others", () => {
  const modules = valueAt(legacyDocument(planned(legacy, "none", "v1.13.9")), ["machine", "kernel", "modules"]);
  expect(modules).toEqual([{ name: "vfio_pci" }]);
});

test("a profile of another vendor leaves them to that vendor's own", () => {
  const modules = valueAt(legacyDocument(planned(legacy, "amd", "v1.13.9")), ["machine", "kernel", "modules"]);
  expect(modules).toEqual([{ name: "nvidia" }, { name: "nvidia_uvm" }, { name: "vfio_pci" }]);
});

test("from 1.14 on their documents go", () => {
  const config = `${legacy.replace(/ {2}kernel:[^]*?cluster/, "cluster")}---
apiVersion: v1alpha1
kind: KernelModuleConfig
name: nvidia
---
apiVersion: v1alpha1
kind: KernelModuleConfig
name: vfio_pci
`;
  const documents = planned(config, "none", "v1.14.0");
  expect(documents.filter(({ kind }) => kind === "KernelModuleConfig").map(({ name }) => name)).toEqual(["vfio_pci"]);
  expect(documentOfKind(documents, "SysctlConfig")).toBeUndefined();
});

test("a config without them is not touched", () => {
  const plain = "version: v1alpha1\nmachine:\n    type: worker\ncluster: {}\n";
  expect(intentPatches(plain, stateWith("none", "v1.13.9"))).toEqual([]);
});

const nvidia = { gpus: [gpuFromIds("10de:2684")].filter((gpu) => gpu !== null) };
const documentsAfter = (config: string, profiles: GpuProfile[], talosVersion: string, installImage: string | null) => {
  const state = initialNodeState(testRecord({ profiles, installImage }), testFacts({ talosVersion, ...nvidia }));
  return planConfig(config, intentPatches(config, state), talosVersion).after;
};

test("the recorded image goes into an unattended install without taking its disk away", () => {
  const install = `version: v1alpha1
machine: {}
cluster: {}
---
apiVersion: v1alpha1
kind: UnattendedInstallConfig
installer:
    image: factory.talos.dev/metal-installer/${"a".repeat(64)}:v1.14.0
provisioning:
    diskSelector:
        match: disk.dev_path == "/dev/sda"
    wipe: false
`;
  const image = `factory.talos.dev/metal-installer/${"b".repeat(64)}:v1.14.0`;
  const after = documentsAfter(install, [], "v1.14.0", image);
  expect(documentOfKind(parseMachineConfig(after), "UnattendedInstallConfig")).toMatchObject({
    installer: { image },
    provisioning: { diskSelector: { match: 'disk.dev_path == "/dev/sda"' }, wipe: false },
  });
});

describe("parameters of a profile's modules", () => {
  const tuned: GpuProfile = {
    ...profile("nvidia-open-production"),
    ...{ id: "tuned", name: "tuned" },
    kernelModules: [{ name: "nvidia", parameters: ["NVreg_EnableGpuFirmware=1"] }],
  };

  test("reach a config that has the module without them", () => {
    const after = parseMachineConfig(documentsAfter(legacy, [tuned], "v1.13.9", null));
    expect(valueAt(legacyDocument(after), ["machine", "kernel", "modules"])).toEqual([
      { name: "vfio_pci" },
      { name: "nvidia", parameters: ["NVreg_EnableGpuFirmware=1"] },
    ]);
  });

  test.each(["v1.13.9", "v1.14.0"])("are there once, however often the config is applied on %s", (talosVersion) => {
    const once = documentsAfter(legacy, [tuned], talosVersion, null);
    expect(documentsAfter(once, [tuned], talosVersion, null)).toBe(once);
  });

  test("of somebody else stay where the profile has none", () => {
    const own = legacy.replace("- name: nvidia\n", "- name: nvidia\n        parameters: [NVreg_X=1]\n");
    const after = parseMachineConfig(documentsAfter(own, [profile("nvidia-open-production")], "v1.13.9", null));
    expect(valueAt(legacyDocument(after), ["machine", "kernel", "modules"])).toContainEqual({
      name: "nvidia",
      parameters: ["NVreg_X=1"],
    });
  });
});

test("a first config is one that both what runs and what is installed can read", () => {
  const image = (tag: string) => `factory.talos.dev/metal-installer/${"a".repeat(64)}:${tag}`;
  // A profile was assigned while the machine ran 1.13, and it was started again from an image of 1.14.
  expect(releaseOfFirstConfig("v1.14.0", image("v1.13.4"))).toBe("v1.13.4");
  expect(releaseOfFirstConfig("v1.13.4", image("v1.14.0"))).toBe("v1.13.4");
  expect(releaseOfFirstConfig("v1.14.0", image("v1.14.1"))).toBe("v1.14.0");
  expect(releaseOfFirstConfig("v1.14.0", "ghcr.io/siderolabs/installer:v1.13.4")).toBe("v1.14.0");
});
