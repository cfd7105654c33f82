import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { resolveProfilesOperation, setBootPolicyOperation } from "./operations";
import { unknownMachinePolicy } from "./policy";

setUpTestDatabase();

const viewer: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };
const how = { requestId: "request_1", origin: "api" } as const;
const before = process.env.ICHOR_FACTORY_URL;

beforeAll(() => {
  // Nothing listens there, so the catalogue answers.
  process.env.ICHOR_FACTORY_URL = "http://127.0.0.1:9";
});
afterAll(() => {
  if (before === undefined) delete process.env.ICHOR_FACTORY_URL;
  else process.env.ICHOR_FACTORY_URL = before;
});
afterEach(() => db.setting.deleteMany());

async function resolve(input: Record<string, unknown>) {
  const result = await runOperation(resolveProfilesOperation, viewer, input, how);
  if (!result.ok) throw Object.assign(new Error(result.error.message), result.error);
  return result.data;
}

describe("gpu-profile.resolve", () => {
  test("a Pascal card on 1.14: suggestion, extensions, documents and schematic", async () => {
    const answer = await resolve({ pciIds: ["10de:1b06"], talosVersion: "v1.14.0" });
    expect(answer).toMatchObject({
      ok: true,
      profileIds: ["nvidia-proprietary-lts"],
      extensions: ["siderolabs/nonfree-kmod-nvidia-lts", "siderolabs/nvidia-container-toolkit-lts"],
      driverVersion: "580.178.04",
      schematic: { id: "af8eb82417d3deaa94d2ef19c3b590b0dac1b2549d0b9b35b3da2bc325de75f7" },
      refusals: [],
    });
    expect(answer.suggestion.reason).toContain("GP102 is Pascal");
    expect(answer.documents).toContain("kind: KernelModuleConfig");
    expect(answer.documents).not.toContain("bpf_jit_harden");
  });

  test("the same on 1.12 is written in that release's way", async () => {
    const answer = await resolve({ pciIds: ["10de:1b06"], talosVersion: "1.12" });
    expect(answer.documents).toContain("modules:");
    expect(answer.documents).toContain("net.core.bpf_jit_harden");
    expect(answer.documents).not.toContain("KernelModuleConfig");
  });

  test("no documents where nothing is to be loaded, and displays that are no GPUs set aside", async () => {
    const answer = await resolve({ pciIds: ["1a03:2000", "1002:1586"], talosVersion: "1.14" });
    expect(answer).toMatchObject({ ignored: ["1a03:2000"], profileIds: ["amd-strix-halo"], documents: "" });
    expect(answer.kernelArgs).toHaveLength(3);
  });

  test("an impossible wish is refused with the reason", async () => {
    const answer = await resolve({
      pciIds: ["10de:1b06"],
      talosVersion: "v1.14.0",
      profileIds: ["nvidia-open-production"],
    });
    expect(answer).toMatchObject({ ok: false, extensions: [], documents: "", schematic: null });
    expect(answer.refusals.map(({ rule }) => rule)).toEqual(["generation-not-open"]);
  });

  test("bad input is named", async () => {
    await expect(resolve({ pciIds: ["nonsense"], talosVersion: "1.14" })).rejects.toMatchObject({
      code: "invalid-input",
    });
    await expect(resolve({ pciIds: [], talosVersion: "1.14", profileIds: ["x"] })).rejects.toMatchObject({
      code: "not-found",
    });
    expect((await resolve({ pciIds: ["10de:2684"], talosVersion: "nonsense" })).refusals[0]?.rule).toBe(
      "unknown-release",
    );
  });
});

test("boot.set-policy is an admin's", async () => {
  const admin: Actor = { ...viewer, role: "admin" };
  const input = { unknownMachines: "maintenance" };
  expect(await runOperation(setBootPolicyOperation, { ...viewer, role: "operator" }, input, how)).toMatchObject({
    ok: false,
  });
  expect(await unknownMachinePolicy()).toBe("explain");
  expect(await runOperation(setBootPolicyOperation, admin, input, how)).toMatchObject({ ok: true });
  expect(await unknownMachinePolicy()).toBe("maintenance");
});
