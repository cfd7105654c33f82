import { beforeAll, describe, expect, test } from "vitest";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { listAudit } from "./queries";
import { recordChange, recordDenied, recordIntent, recordOutcome, recordSystem } from "./record";
import { ada, forge } from "./testing";

setUpTestDatabase();

const ctx = proveRole(ada, "viewer", "request_1");
const eve: Actor = { kind: "token", id: "token_e", name: "eve's script", role: "viewer", ownerId: null };
const node = { kind: "node" as const, id: "node_1", name: "w-01" };
let done = "";

/** 1 intent that succeeded (3), 2 intent without an outcome, 4 change, 5 denied, 6 system, 7 intent that failed (8). */
beforeAll(async () => {
  done = await recordIntent(ctx, { action: "node.reboot", target: node, detail: { mode: "default", step: 1 } });
  await recordIntent(systemContext("upgrade", "user:user_a"), {
    action: "node.upgrade",
    target: { ...node, id: "node_2" },
  });
  await recordOutcome(ctx, done, { outcome: "succeeded", durationMs: 7, detail: { step: 2, took: "long" } });
  await withTransaction((tx) =>
    recordChange(tx, ctx, { action: "user.create", target: { kind: "user", id: "user_2" } }),
  );
  await recordDenied(
    { actor: eve, requestId: "request_2" },
    { action: "node.reset", target: node, errorCode: "forbidden" },
  );
  await recordSystem(ctx, { action: "session.sign-in" });
  const failed = await recordIntent(ctx, { action: "node.reboot", target: node });
  await recordOutcome(ctx, failed, { outcome: "failed", errorCode: "refused", durationMs: 9 });
});

const seqs = async (filter: Parameters<typeof listAudit>[1]) =>
  (await listAudit(ctx, filter)).entries.map(({ seq }) => seq);

describe("listAudit", () => {
  test("folds outcomes into their intents, newest first", async () => {
    const { entries, nextBeforeSeq } = await listAudit(ctx);
    expect(nextBeforeSeq).toBeNull();
    expect(
      entries.map(({ seq, phase, outcome, errorCode, durationMs }) => [seq, phase, outcome, errorCode, durationMs]),
    ).toEqual([
      [7, "intent", "failed", "refused", 9],
      [6, "system", null, null, null],
      [5, "denied", null, "forbidden", null],
      [4, "change", null, null, null],
      [2, "intent", "unknown", null, null],
      [1, "intent", "succeeded", null, 7],
    ]);
    const [first] = entries.slice(-1);
    expect(first).toMatchObject({
      id: done,
      action: "node.reboot",
      actor: "user:user_a",
      actorName: "ada",
      onBehalfOf: null,
      target: { kind: "node", id: "node_1", name: "w-01" },
      requestId: "request_1",
      intentId: null,
      // What the outcome says goes over what the intent said.
      detail: { mode: "default", step: 2, took: "long" },
    });
    expect(Math.abs((first?.atMs ?? 0) - Date.now())).toBeLessThan(3_600_000);
    expect(entries.find(({ seq }) => seq === 6)?.target).toBeNull();
    expect(entries.find(({ seq }) => seq === 4)?.target).toEqual({ kind: "user", id: "user_2", name: null });
    expect(entries.find(({ seq }) => seq === 2)).toMatchObject({ actor: "system:upgrade", onBehalfOf: "user:user_a" });
  });

  test.each([
    [{ targetKind: "user" }, [4]],
    [{ targetId: "node_1" }, [7, 5, 1]],
    [{ targetKind: "user", targetId: "node_1" }, []],
    [{ action: "node.reboot" }, [7, 1]],
    [{ actor: "token:token_e" }, [5]],
    [{ actor: "user:user_a", action: "session.sign-in" }, [6]],
    [{ phase: "denied" as const }, [5]],
    [{ phase: "outcome" as const }, [8, 3]],
    [{ phase: "system" as const }, [6]],
    [{ q: "reset" }, [5]],
    [{ q: "script" }, [5]],
    [{ q: "w-01" }, [7, 5, 2, 1]],
    [{ q: "node_2" }, [2]],
    [{ q: "nobody" }, []],
    [{ q: "" }, [7, 6, 5, 4, 2, 1]],
    [{ beforeSeq: 5 }, [4, 2, 1]],
    [{ beforeSeq: 5, q: "w-01" }, [2, 1]],
  ])("%j", async (filter, expected) => {
    expect(await seqs(filter)).toEqual(expected);
  });

  test("goes page by page to the end", async () => {
    const pages: number[][] = [];
    for (let beforeSeq: number | undefined; ;) {
      const { entries, nextBeforeSeq } = await listAudit(ctx, { limit: 2, beforeSeq });
      pages.push(entries.map(({ seq }) => seq));
      if (nextBeforeSeq === null) break;
      beforeSeq = nextBeforeSeq;
    }
    expect(pages).toEqual([
      [7, 6],
      [5, 4],
      [2, 1],
    ]);
    expect((await listAudit(ctx, { limit: 5 })).nextBeforeSeq).toBe(2);
    expect((await listAudit(ctx, { limit: 6 })).nextBeforeSeq).toBeNull();
  });

  test.each([{ limit: 0 }, { limit: 501 }, { beforeSeq: 0 }, { q: "x".repeat(201) }])("refuses %j", async (filter) => {
    await expect(listAudit(ctx, filter)).rejects.toThrow();
  });

  test.each([`[1]`, `"text"`, `null`, `1`])(
    "shows an entry whose detail was made %s as one without",
    async (detail) => {
      forge(`UPDATE "AuditEntry" SET "detail" = '${detail}' WHERE "seq" = 6`);
      expect((await listAudit(ctx, { action: "session.sign-in" })).entries[0]?.detail).toEqual({});
    },
  );
});
