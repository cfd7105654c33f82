import "server-only";
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { recordChange } from "@/lib/audit/record";
import { hashToken } from "@/lib/auth/api-token";
import { systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { paths } from "@/lib/core/paths";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { hashNewPassword } from "./new-password";
import type { setUpInput } from "./schema";

const notValid = () =>
  new AppError("refused", "This set-up link is not valid: it was used, or a newer one was printed.", {
    hint: "Take the newest link from the server's console, or sign in.",
  });

/** The one-time link of the first run, or null once there is an account. A new link ends the one before. */
export async function newSetupLink(): Promise<string | null> {
  const token = randomBytes(32).toString("base64url");
  return withTransaction(async (tx) => {
    if ((await tx.user.count()) > 0) return null;
    await tx.setupLink.deleteMany();
    const { id } = await tx.setupLink.create({ data: { id: newId("token"), hash: hashToken(token) } });
    await recordChange(tx, systemContext("set-up"), { action: "setup-link.create", target: { kind: "token", id } });
    return `${env().publicUrl}${paths.setUp(token)}`;
  });
}

/** Whether a set-up link would still work, for its page. */
export async function isSetupLinkValid(token: string): Promise<boolean> {
  const link = await db.setupLink.findUnique({ where: { hash: hashToken(token) } });
  return link !== null && link.usedAt === null && (await db.user.count()) === 0;
}

/**
 * Creates the first administrator with a set-up link, which thereby ends.
 * @returns the account's id. @throws AppError `refused` when the link is not valid.
 */
export async function completeSetup(input: z.output<typeof setUpInput>): Promise<string> {
  if (!(await isSetupLinkValid(input.token))) throw notValid();
  const passwordHash = await hashNewPassword(input.password, input.name);
  return withTransaction(async (tx) => {
    const { count } = await tx.setupLink.updateMany({
      where: { hash: hashToken(input.token), usedAt: null },
      data: { usedAt: new Date() },
    });
    if (count === 0 || (await tx.user.count()) > 0) throw notValid();
    const user = await tx.user.create({ data: { id: newId("user"), name: input.name, role: "admin", passwordHash } });
    await recordChange(tx, systemContext("set-up"), {
      action: "user.create",
      target: { kind: "user", id: user.id, name: user.name },
      detail: { role: "admin" },
    });
    return user.id;
  });
}
