import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { env } from "@/lib/core/env";
import { closeDatabase, db } from "./client";
import { openDatabase } from "./open";
import { closeKeyring, openSecret, sealSecret } from "./secrets";
import { setUpTestDatabase } from "./testing";

setUpTestDatabase();

const place = { table: "ClusterSecret", rowId: "secret_1", field: "sealed" };
const newKey = "ab".repeat(32);
let oldKey = "";

beforeEach(async () => {
  oldKey = fs.readFileSync(env().keyFile, "utf8").trim();
  await db.cluster.create({ data: { id: "cluster_1", name: "forge", endpoint: "https://x", talosEndpoints: "[]" } });
  await db.clusterSecret.create({
    data: { id: "secret_1", clusterId: "cluster_1", kind: "bundle", ...sealSecret("canary", place) },
  });
});
afterEach(async () => {
  for (const name of ["ICHOR_KEY", "ICHOR_KEY_OLD", "ICHOR_KEY_OLD_FILE"]) delete process.env[name];
  await db.cluster.deleteMany();
  await db.dataKey.deleteMany();
  fs.rmSync(path.join(env().dataDir, "ichor.first-start"));
  await start();
});

async function start() {
  await closeDatabase();
  closeKeyring();
  return openDatabase();
}
const read = async () => openSecret(await db.clusterSecret.findUniqueOrThrow({ where: { id: "secret_1" } }), place);

test("everything is sealed anew, nothing of the old key is left, and it is done once", async () => {
  const before = await db.clusterSecret.findUniqueOrThrow({ where: { id: "secret_1" } });
  const [wrapped] = await db.dataKey.findMany();
  process.env.ICHOR_KEY = newKey;
  process.env.ICHOR_KEY_OLD = oldKey;
  expect((await start()).rotation).toEqual({ state: "resealed", secrets: 1 });
  expect(await read()).toBe("canary");
  const after = await db.clusterSecret.findUniqueOrThrow({ where: { id: "secret_1" } });
  expect(after.dataKeyId).not.toBe(before.dataKeyId);
  expect((await db.dataKey.findMany()).map(({ id }) => id)).toEqual([after.dataKeyId]);
  await closeDatabase();
  const bytes = fs.readFileSync(env().databaseFile).toString("latin1");
  for (const gone of [before.sealed, wrapped?.wrapped ?? ""]) expect(bytes).not.toContain(gone);
  expect((await start()).rotation).toEqual({ state: "none" });
  delete process.env.ICHOR_KEY_OLD;
  expect((await start()).rotation).toBeNull();
  expect(await read()).toBe("canary");
});

test("the old key may be in a file", async () => {
  process.env.ICHOR_KEY_OLD_FILE = env().keyFile;
  process.env.ICHOR_KEY = newKey;
  expect((await start()).rotation).toMatchObject({ state: "resealed" });
});

test.each([
  ["neither key fits", "cd".repeat(32), newKey],
  ["the old key is missing", null, newKey],
])("is refused, and nothing changed, where %s", async (_, old, fresh) => {
  process.env.ICHOR_KEY = fresh;
  if (old !== null) process.env.ICHOR_KEY_OLD = old;
  await expect(start()).rejects.toThrow(/fit/);
  delete process.env.ICHOR_KEY;
  delete process.env.ICHOR_KEY_OLD;
  await start();
  expect(await read()).toBe("canary");
});

test("is refused as a whole where one secret does not open", async () => {
  await db.clusterSecret.create({
    data: { id: "secret_2", clusterId: "cluster_1", kind: "kubeconfig", ...sealSecret("x", place) },
  });
  process.env.ICHOR_KEY = newKey;
  process.env.ICHOR_KEY_OLD = oldKey;
  await expect(start()).rejects.toThrow("a secret of ClusterSecret does not open");
  delete process.env.ICHOR_KEY;
  delete process.env.ICHOR_KEY_OLD;
  await start();
  expect(await read()).toBe("canary");
});

/** What the rule of `sealedTables` cannot see would be lost with the old key. */
test("every sealed value of the house follows the rule that finds it", () => {
  const schema = fs
    .readdirSync("prisma/schema")
    .map((name) => fs.readFileSync(`prisma/schema/${name}`, "utf8"))
    .join("\n");
  const models = [...schema.matchAll(/^model (\w+) \{([^]*?)^\}/gm)].map(([, name = "", body = ""]) => ({
    name,
    body,
  }));
  const sealed = models.filter(({ body }) => /^\s+dataKeyId\s/m.test(body));
  expect(sealed.length).toBeGreaterThan(2);
  for (const { name, body } of sealed) {
    expect(body, name).toMatch(/^\s+\w+\s+String\s+@id/m);
    expect(body, name).toMatch(/^\s+sealed\s+String/m);
  }
  const sources = fs
    .readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("db/gen"))
    .map((name) => ({ name, text: fs.readFileSync(path.join("lib", name), "utf8") }))
    .filter(({ text }) => /\b(sealSecret|openSecret)\(/.test(text));
  expect(sources.length).toBeGreaterThan(1);
  for (const { name, text } of sources) {
    for (const [, table = ""] of text.matchAll(/table: "(\w+)"/g))
      expect(
        sealed.map((model) => model.name),
        name,
      ).toContain(table);
    for (const [, field = ""] of text.matchAll(/field: "(\w+)"/g)) expect(field, name).toBe("sealed");
  }
});
