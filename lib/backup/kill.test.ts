import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { env } from "@/lib/core/env";
import { db } from "@/lib/db/client";
import { openDatabase } from "@/lib/db/open";
import { setUpTestDatabase } from "@/lib/db/testing";
import { listBackups, makeBackup, proveBackup } from "./make-backup";
import { stageRestore } from "./stage-restore";
import {
  backupSettings,
  canary,
  fillDatabase,
  inData,
  namesIn,
  readCanary,
  restart,
  stopDatabase,
  useRecipient,
} from "./testing";

setUpTestDatabase();
// Each step is a process of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let identity = "";
beforeEach(async () => {
  identity = await useRecipient();
  if ((await db.user.count()) === 0) await fillDatabase();
});
afterEach(() => {
  for (const name of backupSettings) delete process.env[name];
});

/** Runs the fixture; gives whether it was killed, and its steps where it was not. */
function run(...args: string[]): { killed: boolean; steps: number } {
  const fixture = path.join(import.meta.dirname, "kill.fixture.ts");
  const { signal, stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--conditions=react-server", "--import=tsx", fixture, ...args],
    { encoding: "utf8", env: process.env },
  );
  if (signal !== "SIGKILL" && status !== 0) throw new Error(stderr);
  return { killed: signal === "SIGKILL", steps: Number(stdout) };
}

test("a back-up that is killed at any step leaves whole ones or none, and the next one works", async () => {
  for (let at = 1; run("backup", String(at)).killed; at++) {
    for (const { file } of await listBackups(env().backup.dir))
      await proveBackup(path.join(env().backup.dir, file), { kind: "identity", identity }, inData("proof"));
    expect(await readCanary()).toBe(canary);
    expect(at).toBeLessThan(20);
  }
  const { file } = await makeBackup(1_700_000_100_000);
  expect((await listBackups(env().backup.dir))[0]?.file).toBe(file);
  expect(namesIn(env().backup.dir).filter((name) => name.endsWith(".partial"))).toEqual([]);
  expect(fs.existsSync(inData("backup-work"))).toBe(false);
});

test("a restore that is killed at any step is whole after the next start", async () => {
  const { file } = await makeBackup(1_700_000_200_000);
  const secret = { kind: "identity" as const, identity };
  const from = path.join(env().backup.dir, file);
  for (let at = 1; ; at++) {
    await db.setting.create({ data: { name: `newer-${at}`, value: "" } });
    await stageRestore(from, secret, { by: "ada", nowMs: 1_800_000_000_000 + at });
    await stopDatabase();
    const { killed } = run("restore", String(at));
    openDatabase();
    expect(await readCanary()).toBe(canary);
    expect(await db.setting.count({ where: { name: { startsWith: "newer-" } } })).toBe(0);
    expect(fs.existsSync(inData("restore"))).toBe(false);
    if (!killed) break;
    expect(at).toBeLessThan(20);
  }
});

test("a change of the key that is killed at any step leaves the old key in force or the new one, never neither", async () => {
  let old = fs.readFileSync(env().keyFile, "utf8").trim();
  await stopDatabase();
  for (let at = 1; ; at++) {
    const fresh = at.toString(16).padStart(64, "0");
    const { killed } = run("rotate", String(at), old, fresh);
    // The next start has both keys, as the settings say until the change is over.
    process.env.ICHOR_KEY = fresh;
    process.env.ICHOR_KEY_OLD = old;
    openDatabase();
    expect(await readCanary()).toBe(canary);
    delete process.env.ICHOR_KEY_OLD;
    await restart();
    expect(await readCanary()).toBe(canary);
    await stopDatabase();
    old = fresh;
    if (!killed) break;
    expect(at).toBeLessThan(20);
  }
  fs.writeFileSync(env().keyFile, `${old}\n`, { mode: 0o600 });
  delete process.env.ICHOR_KEY;
  openDatabase();
});
