import { beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { createUser } from "@/lib/people/commands";
import * as operations from "@/lib/people/factor-operations";
import { startTotp } from "./commands";
import { factorsOf } from "./need";
import { ownFactors } from "./queries";

vi.mock("next/headers", () => ({ headers: async () => new Headers({ host: "localhost:3000" }) }));
setUpTestDatabase();
const ctx = systemContext("test");
let ada: Actor & { kind: "user" };
const own = () => proveRole(ada, "viewer");

beforeEach(async () => {
  await db.user.deleteMany();
  const id = await createUser(ctx, { name: "ada", role: "operator", password: "correct horse battery" });
  ada = {
    kind: "user",
    id,
    name: "ada",
    role: "operator",
    session: { id: "session_1", method: "password", lastProofAtMs: Date.now(), expiresAtMs: Date.now() + 3600_000 },
  };
});

describe("who may do what", () => {
  const how = { requestId: "request_1", origin: "browser" } as const;
  const stale = (): Actor => ({ ...ada, session: { ...ada.session!, lastProofAtMs: Date.now() - 6 * 60_000 } });
  const token = (): Actor => ({
    kind: "token",
    id: "token_1",
    name: "script",
    role: "operator",
    ownerId: ada.id,
    doors: null,
    expiresAtMs: Date.now() + 3600_000,
  });
  const everyOne: [{ name: string }, unknown][] = [
    [operations.startTotpOperation, {}],
    [operations.confirmTotpOperation, { code: "000000" }],
    [operations.startPasskeyOperation, {}],
    [operations.removeFactorOperation, { kind: "totp" }],
    [operations.newRecoveryCodesOperation, {}],
  ];

  test.each(everyOne)("$name wants a fresh proof, and a person", async (operation, input) => {
    expect(await runOperation(operation as never, stale(), input, how)).toMatchObject({
      error: { code: "proof-needed" },
    });
    expect(await runOperation(operation as never, token(), input, how)).toMatchObject({ error: { code: "refused" } });
  });

  test("an admin resets another's factors, audited; others do not; sessions end", async () => {
    await db.totpFactor.create({ data: { userId: ada.id, sealed: "x", dataKeyId: "x", confirmedAt: new Date() } });
    await db.recoveryCode.create({ data: { hash: "x", userId: ada.id } });
    await db.passkey.create({
      data: {
        id: "x",
        userId: ada.id,
        name: "x",
        publicKey: "x",
        counter: 0,
        rpId: "x",
        transports: "[]",
        backedUp: false,
      },
    });
    const reset = operations.resetFactorsOperation;
    expect(await runOperation(reset, ada, { userId: ada.id }, how)).toMatchObject({ error: { code: "forbidden" } });
    const admin: Actor = { ...ada, id: "user_admin", name: "root", role: "admin" };
    expect(await runOperation(reset, { ...admin, session: undefined }, { userId: ada.id }, how)).toMatchObject({
      error: { code: "proof-needed" },
    });
    expect(await runOperation(reset, admin, { userId: ada.id }, how)).toEqual({ ok: true, data: {} });
    expect(await factorsOf(ada.id)).toEqual({ totp: false, passkeyHosts: [] });
    expect(await db.recoveryCode.count()).toBe(0);
    expect((await listAudit(ctx)).entries[0]).toMatchObject({ action: "user.reset-factors", outcome: "succeeded" });
  });

  test("an account of the identity provider has its factors there", async () => {
    await db.oidcIdentity.create({ data: { id: "identity_1", issuer: "https://id", subject: "ada", userId: ada.id } });
    await expect(startTotp(own())).rejects.toThrow("set up there");
    expect(await ownFactors(own())).toMatchObject({ managedElsewhere: true });
  });
});
