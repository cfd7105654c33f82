import { expect, test } from "vitest";
import { moduleFacts } from "./node-readings";

test("modules that are live or built in are told, however a release spells it", () => {
  const modules = [
    { id: "nvidia", spec: { state: "live" } },
    { id: "amdgpu", spec: { state: "Live" } },
    { id: "efivarfs", spec: { state: "built-in" } },
    { id: "xe", spec: { state: "loading" } },
  ];
  expect(moduleFacts(modules)).toEqual({ kernelModules: ["amdgpu", "efivarfs", "nvidia"] });
});
