import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { builtInProfiles } from "@/lib/gpu/profiles";
import { runOperation } from "@/lib/operation/run-operation";
import { resolveGpus, resolveGpusInput } from "./resolve-gpus";
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

  test("Intel's driver of the other generation is refused, and arguments of the image count", async () => {
    const wish = (pciId: string, profileId: string, extraKernelArgs: string[] = []) =>
      resolve({ pciIds: [pciId], talosVersion: "1.14.1", profileIds: [profileId], options: { extraKernelArgs } });
    const battlemage = await wish("8086:e20b", "intel-i915");
    expect(battlemage).toMatchObject({ ok: false, refusals: [{ rule: "driver-not-binding" }] });
    expect(battlemage.refusals[0]?.message).toContain("i915 does not bind it");
    const alchemist = await wish("8086:56a5", "intel-xe");
    expect(alchemist).toMatchObject({ ok: false, refusals: [{ rule: "driver-needs-argument" }] });
    expect(alchemist.refusals[0]?.message).toContain("xe.force_probe=56a5 and i915.force_probe=!56a5");
    const forced = ["xe.force_probe=56a5", "i915.force_probe=!56a5"];
    expect(await wish("8086:56a5", "intel-xe", forced)).toMatchObject({ ok: true, warnings: [] });
  });

  test("extensions of a private factory are taken where it offers them", async () => {
    const input = resolveGpusInput.parse({
      pciIds: ["10de:2684"],
      talosVersion: "1.14.1",
      options: { extraExtensions: ["example/siderolabs/zfs"] },
    });
    const nvidia = builtInProfiles.filter(({ id }) => id === "nvidia-open-production");
    const official = officialExtensionsOf("1.14.1") ?? [];
    const with_ = (available?: string[]) => resolveGpus(input, nvidia, available);
    expect(with_([...official, "example/siderolabs/zfs"])).toMatchObject({ ok: true, warnings: [] });
    expect(with_([...official, "example/siderolabs/zfs"]).schematic?.canonical).toContain("- example/siderolabs/zfs");
    expect(with_(official).refusals[0]?.message).toBe(
      "The Image Factory does not offer example/siderolabs/zfs for Talos 1.14.1.",
    );
    expect(with_().warnings.join()).toContain(
      "no list of the Image Factory for Talos 1.14.1, so whether it offers example/siderolabs/zfs is not known",
    );
    const answer = await resolve({ ...input });
    expect(answer.ok).toBe(answer.refusals.length === 0);
  });

  test("an added extension that the release does not have, or that cannot be beside the driver, is refused", async () => {
    const wish = (extraExtensions: string[], talosVersion = "1.14") =>
      resolve({ pciIds: ["10de:2684"], talosVersion, options: { extraExtensions } });
    expect((await wish(["siderolabs/xe"], "1.11")).refusals[0]?.message).toContain("exists from v1.12.0 on");
    expect((await wish(["own/siderolabs/nonfree-kmod-nvidia-production"])).refusals[0]?.rule).toBe(
      "open-with-proprietary",
    );
    expect(await wish(["siderolabs/i915-ucode"])).toMatchObject({ ok: true });
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
