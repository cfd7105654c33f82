import "server-only";
import type { z } from "zod";
import { newApiToken } from "@/lib/auth/api-token";
import type { Ctx } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { endStreamsOf } from "@/lib/live/sse";
import type { createTokenInput } from "./schema";

const dayMs = 24 * 60 * 60_000;

/**
 * Makes an API token. It is returned this once; only its hash is stored.
 * @throws AppError `forbidden` for a role greater than one's own.
 */
export async function createToken(
  ctx: Ctx,
  input: z.output<typeof createTokenInput>,
): Promise<{ id: string; token: string; expiresAtMs: number }> {
  const { actor } = ctx;
  if (actor.kind === "token")
    throw new AppError("refused", "An API token cannot make another one.", {
      hint: "Sign in and make it in Settings.",
    });
  if (actor.kind === "user" && !roleSatisfies(actor.role, input.role)) {
    throw new AppError("forbidden", `A token cannot have the role ${input.role}: yours is ${actor.role}.`, {
      fields: { role: "Greater than your own." },
    });
  }
  const { token, hash } = newApiToken();
  const expiresAt = new Date(Date.now() + input.expiresInDays * dayMs);
  const { id } = await db.apiToken.create({
    data: {
      id: newId("token"),
      name: input.name,
      role: input.role,
      hash,
      userId: actor.kind === "user" ? actor.id : null,
      expiresAt,
      doors: input.doors === null ? null : JSON.stringify([...new Set(input.doors)].sort()),
    },
  });
  return { id, token, expiresAtMs: expiresAt.getTime() };
}

/** Ends a token at once: one's own, or as an admin anyone's. */
export async function revokeToken(ctx: Ctx, tokenId: string): Promise<void> {
  const { actor } = ctx;
  const any = actor.kind === "system" || actor.role === "admin";
  const { count } = await db.apiToken.updateMany({
    // A token's own id is no account's, so it revokes none.
    where: { id: tokenId, revokedAt: null, ...(any ? {} : { userId: actor.id }) },
    data: { revokedAt: new Date() },
  });
  if (count === 0)
    throw new AppError("not-found", "There is no such token in use.", {
      hint: "It may have been revoked already: reload the page.",
    });
  endStreamsOf(tokenId);
}
