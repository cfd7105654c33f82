import fs from "node:fs";
import path from "node:path";
import { generateX25519Identity } from "age-encryption";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { downloadBackup } from "./download";
import { listBackups, makeBackup, proveBackup } from "./make-backup";
import { backupCreate, backupDiscard, backupRestore } from "./operations";
import { getBackups } from "./queries";
import { readRecord } from "./record";
import { stageRestore } from "./stage-restore";
import { backupSettings, canary, fillDatabase, inData, namesIn, readCanary, restart, useRecipient } from "./testing";

setUpTestDatabase();
// A passphrase is made into a key slowly on purpose.
vi.setConfig({ testTimeout: 300_000 });

const session = {
  id: "session_1",
  method: "password",
  lastProofAtMs: Date.now(),
  expiresAtMs: Date.now() + 9e9,
} as const;
const admin: Actor = { kind: "user", id: "user_1", name: "ada", role: "admin", session };
const how = { requestId: "request_1", origin: "api" } as const;
const staging = { by: "ada", nowMs: 1_800_000_000_000 };
let identity = "";
let nowMs = 1_700_000_000_000;

beforeEach(async () => {
  identity = await useRecipient();
  if ((await db.user.count()) === 0) await fillDatabase();
  nowMs += 60_000;
});
afterEach(async () => {
  for (const name of backupSettings) delete process.env[name];
  fs.rmSync(inData("backups"), { recursive: true, force: true });
  fs.rmSync(inData("restore"), { recursive: true, force: true });
});

const secret = () => ({ kind: "identity" as const, identity });
const pathOf = (file: string) => path.join(env().backup.dir, file);

describe("a back-up", () => {
  test("is encrypted, private, proven, and leaves nothing else behind", async () => {
    const made = await makeBackup(nowMs);
    expect(made).toMatchObject({ key: "included", secrets: 1, madeAtMs: nowMs });
    expect(namesIn(env().backup.dir)).toEqual([made.file]);
    expect(fs.existsSync(inData("backup-work"))).toBe(false);
    const { mode, size } = fs.statSync(pathOf(made.file));
    expect([mode & 0o777, size]).toEqual([0o600, made.bytes]);
    const bytes = fs.readFileSync(pathOf(made.file)).toString("latin1");
    expect(bytes.startsWith("age-encryption.org/v1\n")).toBe(true);
    for (const word of ["SQLite format 3", "forge", "ichor.key", fs.readFileSync(env().keyFile, "utf8").trim()])
      expect(bytes).not.toContain(word);
    await expect(proveBackup(pathOf(made.file), secret(), inData("proof"))).resolves.toMatchObject({ secrets: 1 });
  });

  test("opens with its passphrase too, and with no other", async () => {
    delete process.env.ICHOR_BACKUP_RECIPIENTS;
    process.env.ICHOR_BACKUP_PASSPHRASE_FILE = inData("passphrase");
    fs.writeFileSync(inData("passphrase"), "short\n");
    await expect(makeBackup(nowMs)).rejects.toThrow("too short");
    fs.writeFileSync(inData("passphrase"), "four random words together\n");
    const { file } = await makeBackup(nowMs);
    const prove = (passphrase: string) =>
      proveBackup(pathOf(file), { kind: "passphrase", passphrase }, inData("proof"));
    await expect(prove("four random words together")).resolves.toMatchObject({ secrets: 1 });
    await expect(prove("four random words together ")).rejects.toThrow("does not open with this passphrase");
  });

  test("leaves out a key that is given from outside", async () => {
    process.env.ICHOR_KEY = fs.readFileSync(env().keyFile, "utf8").trim();
    expect(await makeBackup(nowMs)).toMatchObject({ key: "left-out" });
  });

  test("is one moment, while others write", async () => {
    const writing = { on: true, count: 0 };
    const writer = (async () => {
      while (writing.on) {
        writing.count += 1;
        const name = `w-${writing.count}`;
        await db.$transaction([
          db.setting.create({ data: { name: `${name}-a`, value: "x".repeat(3_000) } }),
          db.setting.create({ data: { name: `${name}-b`, value: "x".repeat(3_000) } }),
        ]);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const { file } = await makeBackup(nowMs);
    writing.on = false;
    await writer;
    await stageRestore(pathOf(file), secret(), staging);
    const copy = new Database(inData("restore/ichor.db"), { readonly: true });
    const names = copy
      .prepare<[], { name: string }>(`SELECT name FROM "Setting" WHERE name LIKE 'w-%'`)
      .all()
      .map(({ name }) => name);
    copy.close();
    for (const name of names) expect(names).toContain(name.replace(/-[ab]$/, name.endsWith("a") ? "-b" : "-a"));
    await db.setting.deleteMany({ where: { name: { startsWith: "w-" } } });
  });

  test("only the newest are kept, and no file of anybody else's is touched", async () => {
    process.env.ICHOR_BACKUP_KEEP = "2";
    fs.mkdirSync(env().backup.dir, { recursive: true });
    fs.writeFileSync(pathOf("notes.txt"), "mine");
    const made: string[] = [];
    for (let turn = 0; turn < 3; turn++) made.push((await makeBackup((nowMs += 1_000))).file);
    expect((await listBackups(env().backup.dir)).map(({ file }) => file)).toEqual([made[2], made[1]]);
    expect(fs.readFileSync(pathOf("notes.txt"), "utf8")).toBe("mine");
  });

  test("that was cut off, changed, or is none at all is refused", async () => {
    const { file } = await makeBackup(nowMs);
    const whole = fs.readFileSync(pathOf(file));
    const spoiled = inData("spoiled");
    const prove = () => proveBackup(spoiled, secret(), inData("proof"));
    const flipped = Buffer.from(whole);
    flipped[whole.length - 200] = (flipped[whole.length - 200] ?? 0) ^ 1;
    for (const bytes of [whole.subarray(0, whole.length - 1), whole.subarray(0, 2_000), flipped]) {
      fs.writeFileSync(spoiled, bytes);
      await expect(prove()).rejects.toThrow(/is damaged|does not open/);
    }
    fs.writeFileSync(spoiled, "nothing of the kind");
    await expect(prove()).rejects.toThrow("is no back-up");
    const other = await generateX25519Identity();
    await expect(proveBackup(pathOf(file), { kind: "identity", identity: other }, inData("proof"))).rejects.toThrow(
      "does not open with this identity",
    );
  });
});

describe("a download", () => {
  test("gives the file to an administrator who has just proven it, and is audited", async () => {
    const { file, bytes } = await makeBackup(nowMs);
    const refusals: [Actor, string][] = [
      [{ ...admin, role: "operator" }, "forbidden"],
      [{ ...admin, session: { ...session, lastProofAtMs: session.lastProofAtMs - 3_600_000 } }, "proof-needed"],
    ];
    for (const [actor, code] of refusals)
      await expect(downloadBackup(actor, file, "request_1")).rejects.toMatchObject({ code });
    await expect(downloadBackup(admin, "../ichor.key", "request_1")).rejects.toMatchObject({ code: "not-found" });
    const { body } = await downloadBackup(admin, file, "request_1");
    expect((await new Response(body).arrayBuffer()).byteLength).toBe(bytes);
    await expect
      .poll(async () => (await listAudit(systemContext("test"))).entries[0])
      .toMatchObject({ action: "backup.download", outcome: "succeeded" });
    const denied = (await listAudit(systemContext("test"))).entries.filter(({ phase }) => phase === "denied");
    expect(denied).toHaveLength(2);
  });
});

describe("a restore", () => {
  test("brings back all of it at the next start, ends sessions, halts runs, and sets what was there aside", async () => {
    const { file } = await makeBackup(nowMs);
    await db.clusterSecret.deleteMany();
    await db.user.update({ where: { id: "user_1" }, data: { disabledAt: new Date() } });
    await stageRestore(pathOf(file), secret(), staging);
    expect(await db.clusterSecret.count()).toBe(0);
    const report = await restart();
    expect(report.restored).toMatchObject({ file, by: "ada" });
    expect(await readCanary()).toBe(canary);
    expect(await db.user.findUnique({ where: { id: "user_1" } })).toMatchObject({
      disabledAt: null,
    });
    expect(await db.session.count()).toBe(0);
    const run = await db.upgradeRun.findUniqueOrThrow({ where: { id: "run_1" } });
    expect(run).toMatchObject({ state: "halted", leaseOwner: null });
    expect(run.reason).toContain("has been restored since");
    expect(namesIn(env().dataDir).filter((name) => name.includes("before-restore")).length).toBeGreaterThan(1);
    expect(fs.existsSync(inData("restore"))).toBe(false);
    expect((await restart()).restored).toBeNull();
    await db.upgradeRun.update({ where: { id: "run_1" }, data: { state: "running" } });
  });

  test("works where database and key are lost", async () => {
    const { file } = await makeBackup(nowMs);
    const kept = fs.readFileSync(pathOf(file));
    await restart();
    for (const name of namesIn(env().dataDir).filter((one) => one.startsWith("ichor.")))
      fs.rmSync(inData(name), { recursive: true });
    fs.writeFileSync(inData("kept"), kept);
    await stageRestore(inData("kept"), secret(), staging);
    await restart();
    expect(await readCanary()).toBe(canary);
  });

  test("lays nothing ready that does not open, or whose key is not the one from outside", async () => {
    const { file } = await makeBackup(nowMs);
    process.env.ICHOR_KEY = "ab".repeat(32);
    await expect(stageRestore(pathOf(file), secret(), staging)).rejects.toThrow("sealed with another key");
    expect(fs.existsSync(inData("restore"))).toBe(false);
  });
});

describe("the operations", () => {
  test("make, list, lay ready and take back, for administrators only, and are audited without the secret", async () => {
    for (const operation of [backupCreate, backupRestore, backupDiscard]) {
      const refused = await runOperation(operation, { ...admin, role: "operator" }, {}, how);
      expect(refused).toMatchObject({ ok: false, error: { code: "forbidden" } });
    }
    const made = await runOperation(backupCreate, admin, {}, how);
    if (!made.ok) throw new Error(made.error.message);
    const file = made.data.file;
    expect((await readRecord()).last).toMatchObject({ file, secrets: 1 });
    expect(await runOperation(backupRestore, admin, { file, secret: identity }, how)).toMatchObject({ ok: true });
    const view = await getBackups(systemContext("test"));
    expect(view).toMatchObject({ state: "well", encryption: "recipients", staged: { file }, files: [{ file }] });
    expect(await runOperation(backupDiscard, admin, {}, how)).toMatchObject({ ok: true });
    expect(await runOperation(backupDiscard, admin, {}, how)).toMatchObject({ error: { code: "not-found" } });
    const entries = (await listAudit(systemContext("test"))).entries;
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["backup.create", "backup.restore", "backup.discard-restore"]),
    );
    expect(JSON.stringify(entries)).not.toContain(identity);
  });

  test("take no other file's name", async () => {
    for (const file of ["../ichor.db", "ichor.key", "/etc/passwd", "ichor-2026-01-01T00-00-00-000Z.tar.gz.age/../x"]) {
      const result = await runOperation(backupRestore, admin, { file, secret: identity }, how);
      expect(result).toMatchObject({ ok: false, error: { code: "invalid-input" } });
    }
  });

  test("say what is missing where nobody is named to encrypt for, and ten at once make one", async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => runOperation(backupCreate, admin, {}, how)));
    expect(new Set(ten.map((one) => (one.ok ? one.data.file : one.error.message))).size).toBe(1);
    delete process.env.ICHOR_BACKUP_RECIPIENTS;
    const result = await runOperation(backupCreate, admin, {}, how);
    expect(result).toMatchObject({ ok: false, error: { code: "refused" } });
    expect(await getBackups(systemContext("test"))).toMatchObject({ state: "off", encryption: "none" });
  });
});
