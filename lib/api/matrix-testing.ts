import { newApiToken } from "@/lib/auth/api-token";
import type { Role } from "@/lib/auth/role";
import { endSession, openSession } from "@/lib/auth/session";
import { sessionCookieName } from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";

export { setUpTestDatabase } from "@/lib/db/testing";

const minuteMs = 60_000;
const client = { address: "10.0.0.1", agent: "Firefox on Linux" };

/** What a request says of who sends it. */
export type Sender = { cookie?: string; bearer?: string; origin: string | null };

async function account(role: Role, disabled = false): Promise<string> {
  const id = newId("user");
  const disabledAt = disabled ? new Date() : null;
  await db.user.create({ data: { id, name: id, role, passwordHash: "x", disabledAt } });
  return id;
}

async function cookieOf(userId: string, ageMs = 0): Promise<string> {
  const { secret } = await openSession(userId, "password", { client, nowMs: Date.now() - ageMs });
  return `${sessionCookieName(env().publicUrl)}=${secret}`;
}

async function tokenOf(
  role: Role,
  userId: string,
  more: { doors?: string[]; expiredMs?: number; revoked?: true } = {},
) {
  const { token, hash } = newApiToken();
  const expiresAt = new Date(Date.now() + (more.expiredMs ?? 60 * minuteMs));
  const doors = more.doors ? JSON.stringify(more.doors) : null;
  const revokedAt = more.revoked ? new Date() : null;
  await db.apiToken.create({
    data: { id: newId("token"), name: role, role, hash, userId, expiresAt, doors, revokedAt },
  });
  return token;
}

/**
 * Every state that somebody with that role can come in, and how the request shows it.
 * @param door the one that the narrowed token names; it has another one beside it.
 */
export async function sendersOf(role: Role, own: string) {
  const id = await account(role);
  const disabled = await account(role, true);
  const admin = await account("admin");
  const ended = await cookieOf(id);
  await endSession({ secret: ended.split("=")[1] ?? "" });
  const signedIn = await cookieOf(id);
  return {
    "signed in just now": { cookie: signedIn, origin: own },
    "signed in six minutes ago": { cookie: await cookieOf(id, 6 * minuteMs), origin: own },
    "with a session that was ended": { cookie: ended, origin: own },
    "with a session that was idle for too long": { cookie: await cookieOf(id, 5 * 60 * minuteMs), origin: own },
    "with a disabled account": { cookie: await cookieOf(disabled), origin: own },
    "from another site": { cookie: signedIn, origin: "https://evil.example" },
    "from nowhere that is said": { cookie: signedIn, origin: null },
    "with a token": { bearer: await tokenOf(role, admin), origin: null },
    "with an admin's token of a weaker owner": { bearer: await tokenOf("admin", id), origin: null },
    "with an expired token": { bearer: await tokenOf(role, admin, { expiredMs: -1 }), origin: null },
    "with a revoked token": { bearer: await tokenOf(role, admin, { revoked: true }), origin: null },
    "with the token of a disabled account": { bearer: await tokenOf(role, disabled), origin: null },
    "with a token narrowed to something else": {
      bearer: await tokenOf(role, admin, { doors: ["some.thing"] }),
      origin: null,
    },
    nobody: { origin: own },
  } satisfies Record<string, Sender>;
}
export type SenderState = keyof Awaited<ReturnType<typeof sendersOf>>;

/** A token narrowed to these doors, of an admin. */
export const narrowedToken = async (role: Role, doors: string[]): Promise<string> =>
  tokenOf(role, await account("admin"), { doors });
