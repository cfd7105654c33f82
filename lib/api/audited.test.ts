import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Actor } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type AnyOperation, runOperation } from "@/lib/operation/run-operation";
import { doors } from "./doors";
import { operations } from "./operations";

setUpTestDatabase();

const actor: Actor = { kind: "user", id: "user_1", name: "ada", role: "admin" };
/** The operation with other work: what is looked at is what is written around it. */
const standIn = (operation: AnyOperation, run: () => Promise<unknown>): AnyOperation => ({
  ...operation,
  input: z.any(),
  output: z.any(),
  target: () => ({ kind: "setting", id: "x" }),
  auditDetail: undefined,
  sensitive: undefined,
  run,
});
const written = async (requestId: string) =>
  (await db.auditEntry.findMany({ where: { requestId }, orderBy: { seq: "asc" } })).map(
    ({ phase, action, outcome }) => [phase, action, outcome],
  );

const secretNames = /token|secret|bundle|kubeconfig|talosconfig|password|private|recovery|content|^key$/i;
/** Names of fields that an operation answers, at any depth. */
function answered(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(answered);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) =>
    name === "properties" ? [...Object.keys(value as object), ...answered(value)] : answered(value),
  );
}

describe("every operation is audited, or says why not", () => {
  test.each(operations.map((operation) => [operation.name, operation] as const))("%s", async (name, operation) => {
    const fail = () => Promise.reject(new AppError("refused", "No."));
    await runOperation(
      standIn(operation, async () => ({})),
      actor,
      {},
      { requestId: `good ${name}`, origin: "api" },
    );
    await runOperation(standIn(operation, fail), actor, {}, { requestId: `bad ${name}`, origin: "api" });
    if (operation.kind === "compute") {
      expect(operation.unaudited).toMatch(/^[A-Z].*\.$/);
      expect([...(await written(`good ${name}`)), ...(await written(`bad ${name}`))]).toEqual([]);
      const names = answered(z.toJSONSchema(operation.output, { unrepresentable: "any" }));
      expect(
        names.filter((field) => secretNames.test(field)),
        "what answers secrets is audited",
      ).toEqual([]);
    } else {
      expect(operation.unaudited).toBeUndefined();
      expect(await written(`good ${name}`)).toEqual([
        ["intent", name, null],
        ["outcome", name, "succeeded"],
      ]);
      expect(await written(`bad ${name}`)).toEqual([
        ["intent", name, null],
        ["outcome", name, "failed"],
      ]);
    }
  });

  test("what opens or makes an admin's secrets is known by name", () => {
    const kinds = new Map(operations.map(({ name, kind }) => [name, kind]));
    for (const name of [
      "cluster.download-kubeconfig",
      "cluster.download-talosconfig",
      "node.download-config",
      "node.preview-config",
      "node.dry-run-config",
      "machine.preview-adoption",
      "machine-config.preview",
      "secrets.generate",
      "token.create",
    ])
      expect(kinds.get(name), name).toMatch(/^(change|reveal)$/);
  });
});

/** Routes that are no single door. */
const open: readonly string[] = ["signs in", "for anybody", "for everybody who is signed in", "by name"];
/** Every route: the door by which people are let in, and the file in which it is audited, or why not. A new one has to say. */
const routes: Record<string, { door: string } & ({ by: string } | { unaudited: string })> = {
  "auth/[...nextauth]": { door: "signs in", by: "lib/people/sign-in.ts" },
  "boot/assets/[schematic]/[version]/[file]": {
    door: "for anybody",
    unaudited: "public files of the Image Factory, for machines",
  },
  "boot/ipxe": { door: "for anybody", unaudited: "no secrets; machines ask for it at each boot" },
  "clusters/[cluster]/etcd-snapshot": { door: "cluster.download-etcd-snapshot", by: "lib/inventory/etcd-snapshot.ts" },
  health: { door: "for anybody", unaudited: "says only that the console can be used" },
  live: { door: "fleet.follow", unaudited: "what viewers see" },
  metrics: { door: "metrics.read", unaudited: "counts, scraped all the time" },
  "nodes/[node]/dmesg": { door: "node.dmesg", unaudited: "what Talos' role os:reader sees" },
  "nodes/[node]/logs": { door: "node.logs", unaudited: "what Talos' role os:reader sees" },
  "upgrades/plan": { door: "upgrade.plan", unaudited: "changes nothing; the start of a run is audited" },
  "v1/audit/export": { door: "audit.export", by: "lib/audit-keeping/export.ts" },
  "backups/[file]": { door: "backup.download", by: "lib/backup/download.ts" },
  "v1/[collection]": { door: "by name", unaudited: "what viewers see" },
  "v1/[collection]/[id]": { door: "by name", unaudited: "what viewers see" },
  "v1/openapi.json": { door: "for everybody who is signed in", unaudited: "the description of the interface" },
  "v1/operations/[name]": { door: "by name", by: "lib/operation/run-operation.ts" },
};

test("every route is audited, or says why not", () => {
  const files = fs.readdirSync("app/api", { recursive: true, encoding: "utf8" });
  const found = files.filter((file) => path.basename(file) === "route.ts").map((file) => path.dirname(file));
  expect(found.sort()).toEqual(Object.keys(routes).sort());
  const doorNames = doors.map(({ name }) => name);
  for (const route of Object.values(routes)) {
    expect([...open, ...doorNames], "a door that the matrix of roles has").toContain(route.door);
    if ("by" in route) expect(fs.readFileSync(route.by, "utf8"), route.by).toMatch(/\brecord(Intent|System|Change)\(/);
    else expect(route.unaudited.length).toBeGreaterThan(5);
  }
});
