import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { removeOldEntries } from "@/lib/audit/removal";
import { writeEntries } from "@/lib/audit/testing";
import { auditHead } from "@/lib/audit/verification";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import type { Role } from "@/lib/auth/role";
import { setUpTestDatabase } from "@/lib/db/testing";
import { verifyExport } from "@/scripts/audit-export-file";
import { exportAudit, exportFilter } from "./export";

setUpTestDatabase();
const actor = (role: Role): Actor => ({ kind: "user", id: `user_${role}`, name: role, role });
const take = async (query: Record<string, string> = {}) =>
  new Response(await exportAudit(actor("auditor"), exportFilter.parse(query), "request_1")).text();
const newest = async () => (await listAudit(systemContext("test"))).entries[0];
/** What the check of an exported file tells, after it was changed. */
async function check(text: string, change: (lines: string[]) => string[] = (lines) => lines) {
  const file = path.join(env().dataDir, "export.jsonl");
  fs.writeFileSync(file, `${change(text.trimEnd().split("\n")).join("\n")}\n`);
  return verifyExport(file);
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
  await writeEntries(300);
  vi.setSystemTime(Date.UTC(2026, 0, 2));
  await writeEntries(3);
  vi.useRealTimers();
});
afterAll(() => vi.useRealTimers());

describe("an export", () => {
  test("has every entry with its hashes, is signed, and is audited with its size and sum", async () => {
    const head = await auditHead();
    const text = await take();
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ format: "ichor/audit-export/v1", filter: {}, after: null });
    expect(lines.slice(1, -1).map(({ seq }) => seq)).toEqual(Array.from({ length: head.seq }, (_, index) => index + 1));
    expect(lines[1]).toMatchObject({ action: "test.note", at: "2026-01-01T00:00:00.000Z", detail: `{"entry":1}` });
    expect(lines.at(-1)).toMatchObject({ end: true, entries: head.seq, head });
    expect(await check(text)).toMatchObject({
      code: 0,
      lines: [`Intact: ${head.seq} entries of a log whose head was ${head.seq}:${head.hash}`, expect.any(String)],
    });
    expect(await newest()).toMatchObject({
      action: "audit.export",
      actorName: "auditor",
      outcome: "succeeded",
      detail: { upTo: head.seq, entries: head.seq, sha256: lines.at(-1)?.sha256 },
    });
  });

  test("shows every change of the file", async () => {
    const text = await take();
    const all = [
      (lines: string[]) => lines.map((line) => line.replace(`{\\"entry\\":7}`, `{\\"entry\\":8}`)),
      (lines: string[]) => lines.toSpliced(5, 1),
      (lines: string[]) => lines.toSpliced(-2, 1),
      (lines: string[]) => lines.slice(0, -1),
      (lines: string[]) => lines.toSpliced(5, 2, String(lines[6]), String(lines[5])),
      (lines: string[]) => lines.toSpliced(5, 0, String(lines[5])),
      (lines: string[]) => lines.map((line) => line.replace(/"exportedAt":"2/, `"exportedAt":"3`)),
      (lines: string[]) => lines.map((line) => line.replace(/"head":\{"seq":/, `"head":{"seq":1`)),
    ];
    for (const change of all) expect((await check(text, change)).code, String(change)).toBe(1);
    await expect(check("{}\n")).rejects.toThrow("is not an export");
  });

  test("takes a filter by time, actor and action, and is checked the same way", async () => {
    const filtered = await take({ from: "2026-01-02", to: "2026-01-03", actor: "system:test", action: "test.note" });
    expect(filtered.trimEnd().split("\n")).toHaveLength(5);
    expect((await check(filtered)).code).toBe(0);
    expect((await check(filtered, (lines) => lines.toSpliced(2, 1))).code).toBe(1);
    for (const query of [
      { to: "2026-01-01" },
      { from: "2100-01-01" },
      { actor: "user:nobody" },
      { action: "node.reset" },
    ] as Record<string, string>[])
      expect((await take(query)).trimEnd().split("\n"), JSON.stringify(query)).toHaveLength(2);
    expect(() => exportFilter.parse({ from: "yesterday" })).toThrow();
  });

  test("begins behind what was removed by the rules", async () => {
    await removeOldEntries(systemContext("test"), { before: new Date(Date.UTC(2026, 0, 2)) });
    const text = await take();
    expect(text.split("\n")[0]).toContain(`"after":{"seq":300,`);
    expect((await check(text)).code).toBe(0);
  });

  test.each(["viewer", "operator"] as const)("is refused to a %s, and the attempt is recorded", async (role) => {
    await expect(exportAudit(actor(role), {}, "request_2")).rejects.toMatchObject({ code: "forbidden" });
    expect(await newest()).toMatchObject({ phase: "denied", action: "audit.export", actorName: role });
  });

  test("that is broken off is a failed one", async () => {
    const reader = (await exportAudit(actor("admin"), {}, "request_3")).getReader();
    await reader.read();
    await reader.cancel();
    expect(await newest()).toMatchObject({ action: "audit.export", outcome: "failed", errorCode: "cancelled" });
  });
});
