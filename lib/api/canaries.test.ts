import { beforeAll, describe, expect, test, vi } from "vitest";
import { type Actor, proveRole } from "@/lib/auth/ctx";
import { bootFile, bootScriptFor } from "@/lib/boot/queries";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { gpuProfile } from "@/lib/gpu/profile-schema";
import { fleet } from "@/lib/inventory/fleet";
import { loadedFleet } from "@/lib/inventory/queries";
import { testFacts } from "@/lib/inventory/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { canonicalSchematic, schematicId } from "@/lib/schematic/canonical";
import type { SchematicDocument } from "@/lib/schematic/document";
import { installTestFactory } from "@/lib/schematic/testing";
import { openApiDocument } from "./openapi";
import { operations } from "./operations";
import { reads } from "./reads";

vi.mock("next/headers", () => ({ headers: async () => new Headers() }));
setUpTestDatabase();
installTestFactory();

const viewer: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };
const operator: Actor = { kind: "user", id: "user_o", name: "olga", role: "operator" };
const how = { requestId: "request_1", origin: "api" } as const;
const uuid = "4c4c4544-0051-3610-8052-b4c04f4b4d32";

let planted = 0;
/** A secret of its own for each place, so that a leak names where it came from. */
const canary = (): string => `c4n4ry${String((planted += 1)).padStart(3, "0")}x`;

/** Ways in which people write a secret on a command line. */
const argumentForms = (): string[] => [
  ...["--token", canary()],
  ...["-p", canary()],
  `psk=${canary()}`,
  `passwd=${canary()}`,
  `PASSWORD=${canary()}`,
  `wg.private-key=${canary()}=`,
  `talos.config=https://x/?token=${canary()}`,
  `talos.config=https://me:${canary()}@x/config`,
  `talos.config=https://x/${canary()}/config`,
  `talos.config=https://${canary()}.example.org/config?x=1`,
  `talos.config.inline=${canary()}`,
  `talos.config.early=${canary()}`,
  `talos.config.oauth.client_secret=${canary()}`,
  `talos.environment=https_proxy=http://u:${canary()}@proxy:3128`,
  `siderolink.api=grpc://omni?jointoken=${canary()}`,
  `talos.experimental.wipe=${canary()}`,
  `console=ttyS0,${canary()}`,
  `hugepages=${canary()}`,
  `amdgpu.${canary()}=1x`,
  `init=/${canary()}`,
  `ip=${canary()}`,
  `foo="a ${canary()}"`,
  `https://u:${canary()}@host/`,
  canary(),
  `-${canary()}=1`,
];
/** Ways in which a program tells one. */
const sentences = (): string[] => [
  `token=${canary()}`,
  `the password is "${canary()}"`,
  `Get "https://me:${canary()}@10.0.0.1/x": refused`,
  `Get https://10.0.0.1/x?key=${canary()}: refused`,
  `Authorization: Bearer ${canary()}`,
  `{"auth":"${canary()}"}`,
  `--secret ${canary()}`,
  `FOO='${canary()}'`,
  `-----BEGIN EC PRIVATE KEY----- ${canary()}`,
  `PrivateKey = ${canary()}`,
];

const document: SchematicDocument = {
  owner: canary(),
  overlay: { image: canary(), name: canary(), options: { wifi: canary(), deep: { password: [canary()] } } },
  customization: {
    extraKernelArgs: argumentForms(),
    meta: [{ key: 10, value: `psk: ${canary()}` }],
    embeddedMachineConfiguration: `machine: {token: ${canary()}}`,
    systemExtensions: { officialExtensions: [`siderolabs/gvisor`, `acme/${canary()}`] },
    secureboot: { enrollKeys: canary() },
  },
};
const id = schematicId(document);
const running: SchematicDocument = {
  customization: { extraKernelArgs: argumentForms(), meta: [{ key: 1, value: canary() }] },
};
const profile = gpuProfile.parse({
  ...{ id: "profile_x", name: "custom", summary: "For tests.", vendor: "nvidia", driver: { kind: "none" } },
  ...{ architectures: ["amd64"], talos: {}, extensions: [] },
  kernelModules: [{ name: "nbd", parameters: [`key=${canary()}`] }],
  sysctls: [{ key: "kernel.core_pattern", value: `|/bin/x ${canary()}` }],
  kernelArgs: argumentForms()
    .filter((arg) => !/\s/.test(arg))
    .map((arg) => ({ arg })),
  addOns: [
    {
      ...{ id: "x", title: "x", resources: [], namespace: "x", notes: [canary()] },
      ...{ install: `helm install --set token=${canary()}`, values: { token: canary() } },
    },
  ],
});

beforeAll(async () => {
  const factoryUrl = process.env.ICHOR_FACTORY_URL ?? "";
  await db.schematic.create({
    data: {
      ...{ id, canonical: canonicalSchematic(document), factoryUrl, registeredAt: new Date() },
      lastError: `refused: ${document.customization?.extraKernelArgs?.join(" ")} ${document.owner}`,
    },
  });
  await db.gpuProfile.create({ data: { id: profile.id, name: profile.name, definition: JSON.stringify(profile) } });
  await db.node.create({
    data: {
      id: "node_1",
      hostname: "w-1",
      machineUuid: uuid,
      schematicId: id,
      address: "10.0.0.9:50000",
      profiles: { create: { profileId: profile.id } },
    },
  });
  await loadedFleet();
  const facts = testFacts({
    kernelCmdline: argumentForms().join(" "),
    runningSchematicId: schematicId(running),
    runningSchematic: {
      text: canonicalSchematic(running),
      extensions: [],
      kernelArgs: running.customization?.extraKernelArgs ?? [],
    },
    services: sentences().map((lastMessage, index) => ({
      id: `svc-${index}`,
      state: "Running",
      healthy: false,
      lastMessage,
      lastChangeMs: null,
    })),
    unmetConditions: sentences().map((reason) => ({ name: "services", reason })),
    diagnostics: sentences().map((message) => ({ id: "d", message, details: [message] })),
  });
  fleet().apply("node_1", { kind: "facts", atMs: Date.now(), facts });
  // Attempts of somebody who may do less, with secrets in every field: what the audit log keeps of them.
  for (const operation of operations)
    await runOperation(
      operation,
      operator,
      Object.fromEntries(
        ["token", "password", "profile", "document", "patches", "config", "secrets", "talosconfig", "bundle"].map(
          (name) => [name, canary()],
        ),
      ),
      how,
    );
});

const leaks = (text: string): string[] => [...new Set(text.match(/c4n4ry\d{3}x/g) ?? [])];

test("there is something to find", () => {
  expect(planted).toBeGreaterThan(70);
  expect(leaks(JSON.stringify([document, profile]))).not.toEqual([]);
});

describe("a viewer is told no secret", () => {
  const ctx = proveRole(viewer, "viewer");
  test.each(reads.map((read) => [read.name, read] as const))("by /api/v1/%s", async (_, read) => {
    const query = read.query.parse({});
    const list = await read.list(ctx as never, query as never).catch((error: unknown) => String(error));
    expect(leaks(JSON.stringify(list))).toEqual([]);
    for (const item of ["node_1", id, schematicId(running), profile.id, "made-up"])
      expect(leaks(JSON.stringify((await read.get?.(ctx as never, item).catch(String)) ?? ""))).toEqual([]);
  });

  const inputs: Record<string, unknown> = {
    "gpu-profile.resolve": { pciIds: [], talosVersion: "v1.13.4", profileIds: [profile.id] },
    "upgrade.plan": { nodeIds: ["node_1"], targetVersion: null },
  };
  test.each(operations.map((operation) => [operation.name, operation] as const))("by %s", async (name, operation) => {
    const result = await runOperation(
      operation,
      viewer,
      inputs[name] ?? { nodeId: "node_1", nodeIds: ["node_1"], profileIds: [profile.id] },
      how,
    );
    expect(leaks(JSON.stringify(result))).toEqual([]);
    if (inputs[name] !== undefined) expect(result.ok || result.error.code !== "invalid-input").toBe(true);
  });

  test("by the OpenAPI document", () => expect(leaks(JSON.stringify(openApiDocument()))).toEqual([]));
});

test("nobody is told one without signing in", async () => {
  const text = await bootScriptFor({ uuid, arch: "x86_64", baseUrl: "http://127.0.0.1:3000" });
  expect(text).toContain("This machine cannot boot over the network");
  expect(leaks(text)).toEqual([]);
  for (const file of ["cmdline-metal-amd64", "kernel-amd64", "initramfs-amd64.xz"])
    expect(await bootFile({ schematicId: id, talosVersion: "v1.13.4", file })).toBeNull();
});
