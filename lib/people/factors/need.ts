import "server-only";
import { env } from "@/lib/core/env";
import { db } from "@/lib/db/client";
import type { Tx } from "@/lib/db/transaction";

/** The second factors that count for an account, and the host names of its passkeys. */
export async function factorsOf(userId: string, tx: Tx = db): Promise<{ totp: boolean; passkeyHosts: string[] }> {
  const totp = await tx.totpFactor.count({ where: { userId, confirmedAt: { not: null } } });
  const passkeys = await tx.passkey.findMany({ where: { userId }, select: { rpId: true } });
  return { totp: totp > 0, passkeyHosts: passkeys.map(({ rpId }) => rpId) };
}

/** Whether the setting asks an account of this role for a second factor. */
export const needsFactor = (role: string): boolean => {
  const { secondFactor } = env();
  return secondFactor === "everyone" || (secondFactor === "admins" && role === "admin");
};

/** Whether a password alone opens no session for this account. */
export async function asksForMore(user: { id: string; role: string }): Promise<boolean> {
  const { totp, passkeyHosts } = await factorsOf(user.id);
  return totp || passkeyHosts.length > 0 || needsFactor(user.role);
}
