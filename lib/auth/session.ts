import "server-only";
import { db } from "@/lib/db/client";
import { parseRole } from "./role";
import type { Actor } from "./ctx";
import type { SessionToken } from "./session-cookie";

/** Who a session stands for now, or null where the account is gone, disabled, or has ended its older sessions. */
export async function actorOfSession(token: SessionToken): Promise<Actor | null> {
  const user = await db.user.findUnique({ where: { id: token.sub } });
  if (!user || user.disabledAt || user.sessionVersion !== token.version) return null;
  return { kind: "user", id: user.id, name: user.name, role: parseRole(user.role) };
}
