import "server-only";
import type { z } from "zod";
import type { Actor, Ctx } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { endSessionsOf } from "@/lib/auth/session";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { endStreamsOf } from "@/lib/live/sse";
import { hashNewPassword } from "./new-password";
import { verifyOwnPassword } from "./sign-in";
import type { changePasswordInput, createUserInput } from "./schema";

const noSuchUser = () =>
  new AppError("not-found", "There is no such account.", { hint: "It may have been removed: reload the page." });

/** @returns the new account's id. @throws AppError `conflict` when the name is taken. */
export async function createUser(_ctx: Ctx<"admin">, input: z.output<typeof createUserInput>): Promise<string> {
  const passwordHash = await hashNewPassword(input.password, input.name);
  return withTransaction(async (tx) => {
    if (await tx.user.findUnique({ where: { name: input.name } })) {
      throw new AppError("conflict", `An account named ${input.name} exists already.`, {
        fields: { name: "This name is taken." },
      });
    }
    const { id } = await tx.user.create({
      data: { id: newId("user"), name: input.name, role: input.role, passwordHash },
    });
    return id;
  });
}

/** Gives an account another role and ends its sessions. @throws AppError `refused` for the last admin. */
export async function setRole(_ctx: Ctx<"admin">, userId: string, role: Role): Promise<void> {
  await withTransaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { id: userId } });
    if (!user) throw noSuchUser();
    await refuseProviderAccount(tx, userId, "Its role follows the groups there, at each sign-in");
    if (user.role === "admin" && role !== "admin") await keepAnAdmin(tx, userId);
    await tx.user.update({ where: { id: userId }, data: { role } });
    await endSessionsOf(tx, userId);
  });
  endStreamsOf(userId);
}

/** Disables an account (its sessions and tokens stop at once) or enables it again. @throws AppError `refused` for the last admin. */
export async function setDisabled(_ctx: Ctx<"admin">, userId: string, disabled: boolean): Promise<void> {
  await withTransaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { id: userId } });
    if (!user) throw noSuchUser();
    if (disabled) await keepAnAdmin(tx, userId);
    await tx.user.update({ where: { id: userId }, data: { disabledAt: disabled ? new Date() : null } });
    await endSessionsOf(tx, userId);
  });
  endStreamsOf(userId);
}

/** Only accounts of our own count: the way in must not hang on an identity provider, which may be down or know nobody any more. */
async function keepAnAdmin(tx: Tx, exceptId: string): Promise<void> {
  const local = { role: "admin", identity: null };
  const others = await tx.user.count({ where: { ...local, disabledAt: null, id: { not: exceptId } } });
  const isAdmin = await tx.user.count({ where: { ...local, id: exceptId } });
  if (isAdmin > 0 && others === 0) {
    throw new AppError("refused", "This is the last administrator: without one, nobody could manage accounts.", {
      hint: "Make someone else an administrator first, with a password of their own.",
    });
  }
}

/** @throws AppError `refused` for an account of the identity provider, with `why` as its reason. */
async function refuseProviderAccount(tx: Tx, userId: string, why: string): Promise<void> {
  if (!(await tx.oidcIdentity.findUnique({ where: { userId } }))) return;
  throw new AppError("refused", `This account is the identity provider's. ${why}.`, {
    hint: "Change it at the provider; disabling the account works here.",
  });
}
const noPassword = "It has no password here";

/** Sets another's password and ends all that the former one had opened: their sessions and API tokens. */
export async function setPassword(_ctx: Ctx<"admin">, userId: string, password: string): Promise<void> {
  const user = await db.user.findUnique({ where: { id: userId } });
  if (!user) throw noSuchUser();
  await refuseProviderAccount(db, user.id, noPassword);
  await storePassword(user.id, await hashNewPassword(password, user.name));
}

/** A password is changed where it may be known to somebody else, who may have signed in with it or made a token. */
async function storePassword(userId: string, passwordHash: string): Promise<void> {
  await withTransaction(async (tx) => {
    await tx.user.update({ where: { id: userId }, data: { passwordHash } });
    await endSessionsOf(tx, userId);
    await tx.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
  });
  endStreamsOf(userId);
}

/**
 * One's own password; the current one is asked for, and guesses at it are limited as at the sign-in. Ends all of one's sessions
 * and API tokens.
 * @throws AppError `invalid-input` where the current password is wrong, `rate-limited` after too many of them.
 */
export async function changePassword(
  ctx: Ctx,
  input: z.output<typeof changePasswordInput>,
  nowMs = Date.now(),
): Promise<void> {
  const user = await db.user.findUnique({ where: { id: requireUser(ctx).id } });
  if (!user) throw noSuchUser();
  await refuseProviderAccount(db, user.id, noPassword);
  await verifyOwnPassword(user, input.current, nowMs, "current");
  await storePassword(user.id, await hashNewPassword(input.password, user.name));
}

/** Ends every session of the one who asks, on every device. */
export async function signOutEverywhere(ctx: Ctx): Promise<void> {
  const { id } = requireUser(ctx);
  await withTransaction((tx) => endSessionsOf(tx, id));
  endStreamsOf(id);
}

/** The person who acts. @throws AppError `refused` for a token or a job, which has none. */
export function requireUser(ctx: Ctx): Actor & { kind: "user" } {
  if (ctx.actor.kind === "user") return ctx.actor;
  throw new AppError("refused", "Only a person who is signed in can do this, not an API token.");
}
