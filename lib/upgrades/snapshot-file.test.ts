import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { saveSnapshot } from "./snapshot-file";

const before = process.env.ICHOR_DATA_DIR;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "snapshot-test-"));
  process.env.ICHOR_DATA_DIR = dir;
});
afterEach(() => {
  rmSync(dir, { recursive: true });
  if (before === undefined) delete process.env.ICHOR_DATA_DIR;
  else process.env.ICHOR_DATA_DIR = before;
});

const body = Buffer.alloc(200_000, 7);
const whole = Buffer.concat([body, createHash("sha256").update(body).digest()]);
async function* inFrames(bytes: Buffer) {
  for (let offset = 0; offset < bytes.length; offset += 32_768) yield bytes.subarray(offset, offset + 32_768);
}
const kept = () => readdirSync(path.join(dir, "etcd-snapshots", "c1"));
const now = Date.UTC(2026, 10, 1);

test("a whole snapshot is kept byte for byte", async () => {
  const saved = await saveSnapshot("c1", "cp 1", inFrames(whole), now);
  expect(saved).toEqual({ file: "2026-11-01T00-00-00-000Z-cp-1.snapshot", bytes: whole.length });
  expect(readFileSync(path.join(dir, "etcd-snapshots", "c1", saved.file)).equals(whole)).toBe(true);
});

test.each([
  ["cut short", whole.subarray(0, 131_072)],
  ["damaged", Buffer.concat([whole.subarray(0, 70_000), Buffer.from([0x55, 0xaa]), whole.subarray(70_002)])],
  ["empty", Buffer.alloc(0)],
])("one that came %s is refused and leaves no file", async (_name, bytes) => {
  await expect(saveSnapshot("c1", "cp1", inFrames(bytes), now)).rejects.toMatchObject({ code: "unavailable" });
  expect(kept()).toEqual([]);
});
