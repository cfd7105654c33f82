import { expect, test } from "vitest";
import { builtInProfile } from "@/lib/gpu/profiles";
import { documentOfKind, legacyDocument, parseMachineConfig, valueAt } from "@/lib/machine-config/documents";
import { intentPatches, planConfig } from "./config-plan";
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
