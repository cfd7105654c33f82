import { afterEach, describe, expect, test } from "vitest";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { createProfile, deleteProfile, updateProfile } from "./commands";
import { customProfileInput } from "./custom-profile";
import { createProfileOperation, updateProfileOperation } from "./operations";
import { getProfile, listProfiles, profilesByIds } from "./queries";

setUpTestDatabase();
const ctx = systemContext("test");

const tenstorrent = customProfileInput.parse({
  name: "tenstorrent",
  summary: "Wormhole cards.",
  vendor: "other",
  driver: { kind: "none" },
  architectures: ["amd64"],
  talos: { from: 13 },
  extensions: [{ name: "siderolabs/tenstorrent" }],
  kernelModules: [{ name: "tenstorrent" }],
  sysctls: [],
  kernelArgs: [{ arg: "hugepagesz=1G" }, { arg: "hugepages=36" }],
  addOns: [],
});

afterEach(async () => {
  await db.node.deleteMany();
  await db.gpuProfile.deleteMany();
});

const fails = (promise: Promise<unknown>, code: string, text: string) =>
  expect(promise).rejects.toMatchObject({ code, message: expect.stringContaining(text) });

describe("custom profiles", () => {
  test("are listed after the built-in ones, changed and deleted", async () => {
    const id = await createProfile(ctx, tenstorrent);
    const all = await listProfiles(ctx);
    expect(all).toHaveLength(10);
    expect(all.at(-1)).toEqual({ profile: { ...tenstorrent, id }, builtIn: false, nodes: [] });
    await updateProfile(ctx, id, { ...tenstorrent, summary: "Blackhole cards." });
    expect((await getProfile(ctx, id)).profile.summary).toBe("Blackhole cards.");
    expect((await profilesByIds(ctx, [id, "amd"])).map(({ name }) => name)).toEqual(["tenstorrent", "amd"]);
    await deleteProfile(ctx, id);
    await fails(getProfile(ctx, id), "not-found", "no such");
    await fails(profilesByIds(ctx, [id]), "not-found", id);
  });

  test("with an administrator's powers are refused to operators, and shown to viewers without values", async () => {
    const actor = (role: "viewer" | "operator" | "admin"): Actor => ({ kind: "user", id: role, name: role, role });
    const profile = { ...tenstorrent, kernelArgs: [{ arg: "talos.config=http://x/?token=c4n4ry" }, { arg: "quiet" }] };
    const how = { requestId: "r", origin: "api" } as const;
    const refused = await runOperation(createProfileOperation, actor("operator"), { profile }, how);
    expect(refused).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(JSON.stringify(refused)).toContain("Kernel argument talos.config has the machine take its whole config");
    expect(JSON.stringify(refused)).not.toContain("c4n4ry");
    const made = await runOperation(createProfileOperation, actor("admin"), { profile }, how);
    if (!made.ok) throw new Error(made.error.message);
    const { id } = made.data;
    const edited = { id, profile: { ...profile, summary: "Changed." } };
    expect(await runOperation(updateProfileOperation, actor("operator"), edited, how)).toMatchObject({
      error: { code: "forbidden" },
    });
    const seen = async (role: "viewer" | "operator") =>
      (await getProfile(proveRole(actor(role), role) as typeof ctx, id)).profile.kernelArgs.map(({ arg }) => arg);
    expect(await seen("viewer")).toEqual(["talos.config=(withheld)", "quiet"]);
    expect(await seen("operator")).toEqual(["talos.config=http://x/?token=c4n4ry", "quiet"]);
  });

  test("are not deleted while a node has them", async () => {
    const id = await createProfile(ctx, tenstorrent);
    await db.node.create({ data: { id: "node_1", hostname: "tt-01", profiles: { create: { profileId: id } } } });
    await fails(deleteProfile(ctx, id), "conflict", "assigned to 1 node.");
    expect((await getProfile(ctx, id)).nodes).toEqual([{ id: "node_1", name: "tt-01" }]);
  });

  test("cannot take a name, contradict themselves, or touch a built-in one", async () => {
    await createProfile(ctx, tenstorrent);
    await fails(createProfile(ctx, tenstorrent), "conflict", "another profile");
    const named = { ...tenstorrent, name: "second" };
    await fails(createProfile(ctx, { ...named, name: "amd" }), "invalid-input", "built-in");
    await fails(createProfile(ctx, { ...named, driver: { kind: "amdgpu" } }), "invalid-input", "is for amd");
    await fails(createProfile(ctx, { ...named, talos: { from: 13, until: 13 } }), "invalid-input", "empty");
    const both = ["nonfree-kmod-nvidia-lts", "nvidia-open-gpu-kernel-modules-lts"].map((name) => ({
      name: `siderolabs/${name}`,
      when: "always" as const,
    }));
    await fails(createProfile(ctx, { ...named, extensions: both }), "refused", "only one of them");
    await fails(updateProfile(ctx, "amd", named), "refused", "Built-in");
    await fails(deleteProfile(ctx, "amd"), "refused", "Built-in");
    await fails(updateProfile(ctx, "profile_x", named), "not-found", "no such");
    await fails(deleteProfile(ctx, "profile_x"), "not-found", "no such");
  });

  test("a row that does not parse is left out, the others stay", async () => {
    await db.gpuProfile.create({ data: { id: "profile_x", name: "x", definition: "{" } });
    await createProfile(ctx, tenstorrent);
    expect(await listProfiles(ctx)).toHaveLength(10);
  });

  test("hostile values are refused by the schema", () => {
    const bad = (over: Record<string, unknown>) => customProfileInput.safeParse({ ...tenstorrent, ...over }).success;
    expect(bad({})).toBe(true);
    expect(bad({ kernelArgs: [{ arg: "a b" }] })).toBe(false);
    expect(bad({ extensions: [{ name: "../x" }] })).toBe(false);
    expect(bad({ sysctls: [{ key: "a b", value: "1" }] })).toBe(false);
    expect(bad({ name: "a\u0000" })).toBe(false);
    expect(bad({ unknown: 1 })).toBe(false);
  });

  test("a viewer may not create them", async () => {
    const viewer: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };
    const result = await runOperation(
      createProfileOperation,
      viewer,
      { profile: tenstorrent },
      { requestId: "r", origin: "api" },
    );
    expect(result).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(await db.gpuProfile.count()).toBe(0);
  });
});
