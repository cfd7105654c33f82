import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { endSession, noteProof } from "@/lib/auth/session";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { requireUser } from "./commands";
import { verifyOwnPassword } from "./sign-in";

/** Ends one session: one's own, or as an admin anybody's. @throws AppError `not-found` where it is no open one of theirs. */
export async function endOneSession(ctx: Ctx, sessionId: string): Promise<void> {
  const { actor } = ctx;
  const any = actor.kind === "system" || actor.role === "admin";
  const row = await db.session.findUnique({ where: { id: sessionId }, select: { userId: true } });
  if (!row || (!any && row.userId !== actor.id) || !(await endSession({ id: sessionId }))) {
    throw new AppError("not-found", "There is no such open session.", {
      hint: "It may have ended already: reload the page.",
    });
  }
}

/**
 * A fresh proof of who somebody is, by their password.
 * @throws AppError `refused` outside of a session, `invalid-input` for a wrong password, `rate-limited` after too many.
 */
export async function prove(ctx: Ctx, password: string, nowMs: number): Promise<void> {
  const id = requireUser(ctx);
  const session = ctx.actor.kind === "user" ? ctx.actor.session : undefined;
  const user = await db.user.findUnique({ where: { id }, include: { identity: true } });
  if (user?.identity) {
    throw new AppError(
      "refused",
      "This account has no password here: its proof is a sign-in at the identity provider.",
      {
        hint: "Sign out, sign in again, and repeat it within 5 minutes.",
      },
    );
  }
  if (!session || !user) throw new AppError("refused", "Only who is signed in at the console can prove it again.");
  await verifyOwnPassword(user, password, nowMs, "password");
  if (!(await noteProof(session.id, "password", nowMs)))
    throw new AppError("unauthenticated", "Your session has ended, so nothing was done.", {
      hint: "Sign in again, then repeat it.",
    });
}
