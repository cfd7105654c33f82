import "server-only";
import { cookies } from "next/headers";
import type { NextAuthOptions } from "next-auth";
import type { Provider } from "next-auth/providers/index";
import type { NextRequest } from "next/server";
import CredentialsProvider from "next-auth/providers/credentials";
import { z } from "zod";
import { type Client, clientOf } from "@/lib/auth/client-address";
import { deviceCookieName, deviceCookieOptions, newDevice } from "@/lib/auth/device";
import { actorOfSession, endSession, openSession } from "@/lib/auth/session";
import { absoluteSeconds, sessionCookieName, sessionCookieOptions } from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { localPath } from "@/lib/core/local-path";
import { log } from "@/lib/core/log";
import { paths } from "@/lib/core/paths";
import { deriveSecret } from "@/lib/db/secrets";
import { recordSignOut, type SignedIn, signIn, signInWithTicket } from "./sign-in";

const passwords = (client: Client, device: string | null) =>
  CredentialsProvider({
    name: "password",
    credentials: { ticket: { type: "text" }, name: { type: "text" }, password: { type: "password" } },
    async authorize(credentials): Promise<SignedIn> {
      try {
        const { ticket, name, password } = { ticket: "", name: "", password: "", ...credentials };
        if (ticket !== "") return await signInWithTicket(String(ticket).slice(0, 200), client.address, Date.now());
        return await signIn(String(name), String(password), { address: client.address, device }, Date.now());
      } catch (error) {
        if (error instanceof AppError) throw new Error(error.message, { cause: error });
        log.unexpected("A sign-in failed unexpectedly", error);
        throw new Error("Signing in does not work at the moment. The server's log has the reason.", { cause: error });
      }
    },
  });

/** What next-auth calls a token is our cookie's secret: whose session it is, is in the table. */
const secretToken = z.object({ secret: z.string().max(100) });

/** next-auth lets no one lead a person elsewhere after the sign-in: only a path of this console is taken. */
const ownAddress = (url: string, baseUrl: string): string =>
  baseUrl + localPath(url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url);

/**
 * next-auth's options for one request, made on use since the secret comes from the opened secret box.
 * @param more the identity provider, where the request is for it.
 */
export function authOptions(request: NextRequest, more: Provider[] = []): NextAuthOptions {
  const { publicUrl, trustedProxies } = env();
  const client = clientOf(request.headers, trustedProxies);
  const replaces = request.cookies.get(sessionCookieName(publicUrl))?.value ?? null;
  return {
    secret: deriveSecret("session"),
    session: { strategy: "jwt", maxAge: absoluteSeconds },
    // The cookies of OIDC (state, nonce, PKCE) are next-auth's own, sealed with `secret`; these two are of the session alone.
    jwt: {
      maxAge: absoluteSeconds,
      encode: ({ token }) => secretToken.parse(token).secret,
      decode: ({ token }) => ({ secret: token ?? "" }),
    },
    cookies: { sessionToken: { name: sessionCookieName(publicUrl), options: sessionCookieOptions(publicUrl) } },
    pages: { signIn: paths.signIn(), error: paths.signIn(), signOut: paths.signIn() },
    providers: [passwords(client, request.cookies.get(deviceCookieName(publicUrl))?.value ?? null), ...more],
    callbacks: {
      // What the identity provider's `profile` answers may be a refusal.
      signIn: ({ user }) => !("state" in user && user.state === "refused"),
      redirect: ({ url, baseUrl }) => ownAddress(url, baseUrl),
      async jwt({ token, user }) {
        const nowMs = Date.now();
        if (user) {
          // Made by a provider's `authorize` or `profile`, which answer a `SignedIn`.
          const { id, name, method, provenAtMs = nowMs } = user as SignedIn;
          const { secret } = await openSession(id, method, { client, nowMs, replaces, provenAtMs });
          // Of use where there is a password to guess.
          if (method !== "oidc")
            (await cookies()).set(deviceCookieName(publicUrl), newDevice(name), deviceCookieOptions(publicUrl));
          return { secret };
        }
        const { secret } = secretToken.parse(token);
        if (!(await actorOfSession(secret, nowMs, { use: false }))) throw new Error("the session has ended");
        return { secret };
      },
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      async signOut({ token }) {
        const ended = await endSession(secretToken.parse(token));
        if (ended) await recordSignOut(ended.userId);
      },
    },
    logger: {
      error: (code) => log.warn("next-auth", { code }),
      warn: (code) => log.debug("next-auth", { code }),
      debug: () => {},
    },
  };
}
