import { expect, test } from "vitest";
import { linkFacts, moduleFacts } from "./node-readings";

test("modules that are live or built in are told, however a release spells it", () => {
  const modules = [
    { id: "nvidia", spec: { state: "live" } },
    { id: "amdgpu", spec: { state: "Live" } },
    { id: "efivarfs", spec: { state: "built-in" } },
    { id: "xe", spec: { state: "loading" } },
  ];
  expect(moduleFacts(modules)).toEqual({ kernelModules: ["amdgpu", "efivarfs", "nvidia"] });
});

test.each([
  [1000, 1000],
  [400_000, 400_000],
  [0, null],
  [-1, null],
  // What a driver that does not know it says, as an unsigned number (seen on Talos 1.14).
  [4_294_967_295, null],
])("a link that tells %i Mbit/s has %s", (speedMegabits, shown) => {
  const spec = { type: "ether", kind: "", busPath: "0000:01:00.0", hardwareAddress: "", permanentAddress: "" };
  const state = {
    linkState: true,
    operationalState: "up",
    mtu: 1500,
    driver: "e1000",
    index: 1,
    duplex: "",
    alias: "",
  };
  const metadata = { namespace: "", type: "", version: "", owner: "", phase: "running" as const };
  const times = { createdMs: null, updatedMs: null, labels: {}, annotations: {} };
  const link = { id: "eth0", ...metadata, ...times, spec: { ...spec, ...state, speedMegabits } };
  expect(linkFacts([link]).links?.[0]?.speedMegabits).toBe(shown);
});
