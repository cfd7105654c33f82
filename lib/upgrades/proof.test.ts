import { describe, expect, test } from "vitest";
import { type ProofInput, proveUpgrade } from "./proof";

const kmod = "nvidia-open-gpu-kernel-modules-lts";
const schematicId = "b".repeat(64);
const gpuNode = (patch: Partial<ProofInput>, modules: string[] = []): ProofInput => ({
  row: { toVersion: "v1.14.0", toSchematicId: schematicId, installBootId: "boot-1", before: null },
  reading: {
    version: "v1.14.0",
    bootId: "boot-2",
    schematicId,
    stage: "running",
    ready: true,
    unmetConditions: [],
    nodename: "gpu-1",
  },
  hardware: { extensions: [kmod], modules, gpuAddresses: ["0000:41:00.0"] },
  wantedExtensions: [`siderolabs/${kmod}`],
  kubernetes: { unavailable: "no" },
  ...patch,
});
const modulesOf = (input: ProofInput) => proveUpgrade(input).find(({ id }) => id === "modules");

describe("the proof of GPU modules", () => {
  test.each([
    ["a document that is held", [`siderolabs/${kmod}`]],
    ["none that is held", null],
  ])("a driver that is not live is not proven, with %s", (_name, wantedExtensions) => {
    expect(modulesOf(gpuNode({ wantedExtensions }))).toMatchObject({
      state: "refused",
      detail: "Not live: nvidia, nvidia_uvm.",
    });
    expect(modulesOf(gpuNode({ wantedExtensions }, ["nvidia", "nvidia_uvm"]))).toMatchObject({ state: "ok" });
  });
});
