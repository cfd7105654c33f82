import { beforeAll, expect, test, vi } from "vitest";
import { auditGauges, hashPrefix } from "@/lib/api/audit-metrics";
import { listAudit } from "@/lib/audit/queries";
import { forge, forgetVerification, raw, writeEntries } from "@/lib/audit/testing";
import { auditHead, auditStatus } from "@/lib/audit/verification";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { verifyAuditOperation } from "./operations";
import { keepAudit, removeOld, startAuditKeeping, stopAuditKeeping } from "./schedule";

setUpTestDatabase();
forgetVerification();
beforeAll(() => writeEntries(5));

const actor = (role: Role): Actor => ({
  kind: "user",
  id: `user_${role}`,
  name: role,
  role,
});
const verify = (role: Role, input: unknown) =>
  runOperation(verifyAuditOperation, actor(role), input, { requestId: "request_1", origin: "api" });

test("audit.verify tells an auditor how far the chain holds, and whether a noted head is in it", async () => {
  const head = await auditHead();
  expect(await verify("auditor", {})).toMatchObject({
    ok: true,
    data: { status: { state: "intact", seq: 5, firstSeq: 1, missingGuards: [] }, expectedHead: null },
  });
  for (const [expectedHead, verdict] of [
    [head, "in-chain"],
    [{ ...head, hash: "0".repeat(12) }, "differs"],
    [{ seq: 99, hash: head.hash }, "beyond-end"],
  ] as const)
    expect(await verify("auditor", { full: true, expectedHead })).toMatchObject({ data: { expectedHead: verdict } });
  expect(await verify("auditor", { expectedHead: { seq: 5, hash: "short" } })).toMatchObject({
    error: { code: "invalid-input", fields: { "expectedHead.hash": expect.stringContaining("64 hexadecimal") } },
  });
  // It reads the log, and does not lengthen it.
  expect(await auditHead()).toEqual(head);
});

test("audit.verify is refused to others, and the attempt is recorded", async () => {
  for (const role of ["viewer", "operator"] as const) {
    expect(await verify(role, {})).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect((await listAudit(systemContext("test"))).entries[0]).toMatchObject({
      phase: "denied",
      action: "audit.verify",
    });
  }
});

test("the schedule verifies what is new, and all of it once a day", async () => {
  const dayMs = 24 * 3600_000;
  const read = vi.spyOn(db.auditEntry, "findMany");
  const froms = () => read.mock.calls.splice(0).map(([query]) => query?.where?.seq);
  forge(`DELETE FROM "AuditCheckpoint"`);
  await keepAudit(dayMs);
  expect(froms()).toEqual([{ gt: 0 }]);
  await keepAudit(2 * dayMs - 1);
  expect(froms()).toEqual([{ gt: expect.any(Number) }]);
  await keepAudit(2 * dayMs);
  expect(froms()).toEqual([{ gt: expect.any(Number) }, { gt: 0 }]);
  read.mockRestore();
});

test("what is older than the setting says goes, and without it nothing does", async () => {
  const oldest = () => db.auditEntry.findFirstOrThrow({ orderBy: { seq: "asc" } });
  const inAYear = Date.now() + 365 * 24 * 3600_000;
  await removeOld(inAYear);
  expect(await oldest()).toMatchObject({ seq: 1 });
  process.env.ICHOR_AUDIT_DAYS = "400";
  await removeOld(inAYear);
  expect(await oldest()).toMatchObject({ seq: 1 });
  process.env.ICHOR_AUDIT_DAYS = "300";
  const head = await auditHead();
  await removeOld(inAYear);
  delete process.env.ICHOR_AUDIT_DAYS;
  expect(await oldest()).toMatchObject({ seq: head.seq });
  expect((await listAudit(systemContext("test"))).entries[0]).toMatchObject({ action: "audit.remove-old" });
});

test("a broken chain and missing guards are told in the log and the metrics, and stop nothing", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  startAuditKeeping();
  startAuditKeeping();
  await vi.waitFor(() => expect(auditStatus().state).toBe("intact"), { timeout: 30_000 });
  const head = await auditHead();
  const good = auditGauges(head, auditStatus());
  expect(good).toContain(`\nichor_audit_head_seq ${head.seq}\n`);
  expect(good).toContain(`\nichor_audit_head_hash48 ${hashPrefix(head.hash)}\n`);
  expect(hashPrefix(head.hash).toString(16).padStart(12, "0")).toBe(head.hash.slice(0, 12));
  expect(good).toContain(`\nichor_audit_verified_seq ${head.seq}\n`);
  expect(good).toContain("\nichor_audit_broken 0\n");
  forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = ${head.seq}`);
  raw((sqlite) => sqlite.exec(`DROP TRIGGER "AuditEntry_no_update"`));
  await keepAudit();
  const bad = auditGauges(head, auditStatus());
  expect(bad).toContain("\nichor_audit_broken 1\n");
  expect(bad).not.toContain("\nichor_audit_verified_seq ");
  await stopAuditKeeping();
  const lines = logged.mock.calls.map(([line]) => String(line));
  logged.mockRestore();
  expect(lines.filter((line) => line.includes(`Audit log head seq=${head.seq} hash="${head.hash}"`))).toHaveLength(2);
  expect(lines.join("\n")).toContain(`The chain of the audit log is broken seq=${head.seq}`);
  expect(lines.join("\n")).toContain(`missing="AuditEntry_no_update"`);
});
