import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { requireUser } from "@/lib/people/commands";
import { needsFactor } from "./need";
import type { FactorsView } from "./schema";

/** One's own second factors; nothing of their secrets. */
export async function ownFactors(ctx: Ctx): Promise<FactorsView> {
  const user = await db.user.findUniqueOrThrow({
    where: { id: requireUser(ctx).id },
    include: { identity: true, totp: true, passkeys: { orderBy: { createdAt: "asc" } } },
  });
  return {
    managedElsewhere: user.identity !== null,
    required: needsFactor(user.role),
    totp: user.totp?.confirmedAt ? { createdAtMs: user.totp.confirmedAt.getTime() } : null,
    passkeys: user.passkeys.map((key) => ({
      id: key.id,
      name: key.name,
      rpId: key.rpId,
      backedUp: key.backedUp,
      createdAtMs: key.createdAt.getTime(),
      lastUsedAtMs: key.lastUsedAt?.getTime() ?? null,
    })),
    recoveryCodesLeft: await db.recoveryCode.count({ where: { userId: user.id, usedAt: null } }),
  };
}
