import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import type { Tx } from "@/lib/db/transaction";
import { openSecret, sealSecret } from "@/lib/db/secrets";
import { newTotpSecret, type QrCode, stepOfCode, totpInvitation } from "./totp";

const place = (userId: string) => ({ table: "TotpFactor", rowId: userId, field: "sealed" });

/** Makes a secret for an authenticator app; it counts once a code of it was entered. @throws AppError `conflict`. */
export async function inviteTotp(user: { id: string; name: string }): Promise<{ secret: string; qr: QrCode }> {
  const secret = newTotpSecret();
  const sealed = sealSecret(secret, place(user.id));
  const present = await db.totpFactor.findUnique({ where: { userId: user.id } });
  if (present?.confirmedAt)
    throw new AppError("conflict", "There is an authenticator app already.", { hint: "Remove it first." });
  await db.totpFactor.upsert({
    where: { userId: user.id },
    create: { userId: user.id, ...sealed },
    update: { ...sealed, lastStep: 0, createdAt: new Date() },
  });
  return totpInvitation(secret, user.name);
}

/**
 * Whether the code is the app's at this time; its step is taken then, so that it works once.
 * @param confirmed whether the app counts already, or is being set up: then the code makes it count.
 */
export async function takeTotpCode(
  userId: string,
  code: string,
  confirmed: boolean,
  nowMs: number,
  tx: Tx = db,
): Promise<boolean> {
  const row = await tx.totpFactor.findUnique({ where: { userId } });
  if (!row || (row.confirmedAt !== null) !== confirmed) return false;
  const step = stepOfCode(openSecret(row, place(userId)), code, { nowMs, lastStep: row.lastStep });
  if (step === null) return false;
  // By what was read: of two at once with one code, and of a secret made anew meanwhile, one goes through.
  const { count } = await tx.totpFactor.updateMany({
    where: { userId, sealed: row.sealed, lastStep: { lt: step }, confirmedAt: row.confirmedAt },
    data: { lastStep: step, ...(!confirmed && { confirmedAt: new Date(nowMs) }) },
  });
  return count === 1;
}
