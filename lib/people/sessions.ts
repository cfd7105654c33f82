import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { endSession } from "@/lib/auth/session";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";

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
