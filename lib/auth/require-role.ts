import "server-only";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { paths } from "@/lib/core/paths";
import { countFailureOf } from "./anonymous-failures";
import { actorOfToken } from "./api-token";
import { type Actor, type Ctx, proveRole } from "./ctx";
import { forgeryOf, requestFacts } from "./origin";
import type { Grants, Role } from "./role";
import { actorOfSession } from "./session";
import { sessionCookieName } from "./session-cookie";

const sessionCookie = async (): Promise<string | undefined> =>
  (await cookies()).get(sessionCookieName(env().publicUrl))?.value;

const sessionActor = cache(async (use: boolean): Promise<Actor | null> => {
  const cookie = await sessionCookie();
  return cookie ? actorOfSession(cookie, Date.now(), { use }) : null;
});

/** Who is signed in, by the session cookie of the page or action being served; null for nobody. One query per request. */
export const currentActor = (): Promise<Actor | null> => sessionActor(true);

/**
 * For pages and layouts: the context of who is signed in. Sends to the sign-in page when nobody is, which says so where a session has ended.
 * @throws AppError `forbidden` when the role is too weak.
 */
export async function requireRole<R extends Role>(role: R): Promise<Ctx<Grants[R]>> {
  const actor = await currentActor();
  if (!actor) redirect(paths.signIn((await headers()).get("x-ichor-path") ?? undefined, !!(await sessionCookie())));
  return proveRole(actor, role);
}

/**
 * For route handlers: who sends this request, by `Authorization: Bearer` or else by session cookie.
 * @throws AppError `unauthenticated`; `forbidden` for a changing request that comes from another site.
 */
export async function requestActor(request: Request): Promise<Actor> {
  const forgery = forgeryOf(requestFacts(request.method, request.headers), env().publicUrl);
  if (forgery) {
    countFailureOf("foreign", request.headers);
    throw new AppError("forbidden", forgery);
  }
  // What an open page reads by itself keeps no session alive.
  const changes = request.method !== "GET" && request.method !== "HEAD";
  const bearer = request.headers.get("authorization")?.match(/^Bearer +(\S+)$/i)?.[1];
  const actor = bearer !== undefined ? await actorOfToken(bearer, Date.now()) : await sessionActor(changes);
  if (actor) return actor;
  countFailureOf(bearer === undefined ? "session" : "bearer", request.headers);
  throw new AppError(
    "unauthenticated",
    bearer === undefined ? "Nobody is signed in." : "The API token is not valid: unknown, expired or revoked.",
    {
      hint: "Sign in, or send a token made in Settings as `Authorization: Bearer ichor_…`.",
    },
  );
}

/**
 * For route handlers: the context of the request's sender, who asks for `door`. @throws AppError as `requestActor`, and
 * `forbidden`.
 */
export async function requireRequestRole<R extends Role>(
  request: Request,
  role: R,
  door: string,
  requestId = newId("request"),
): Promise<Ctx<Grants[R]>> {
  return proveRole(await requestActor(request), role, requestId, door);
}
