import "server-only";
import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import {
  absoluteSeconds,
  idleSeconds,
  isExpired,
  sessionCookieName,
  sessionCookieOptions,
  sessionToken,
} from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { paths } from "@/lib/core/paths";
import { deriveSecret } from "@/lib/db/secrets";
import { signIn } from "./sign-in";

/** The `sub` of a user while next-auth hands it from `authorize` to `jwt`. */
type Authorized = { id: string; name: string; version: number };

const addressOf = (headers: unknown): string => {
  const value: unknown =
    typeof headers === "object" && headers !== null ? Reflect.get(headers, "x-forwarded-for") : null;
  // The last entry is the one that the nearest proxy wrote.
  return typeof value === "string" ? (value.split(",").at(-1)?.trim().slice(0, 64) ?? "unknown") : "unknown";
};

const passwords = CredentialsProvider({
  name: "password",
  credentials: { name: { type: "text" }, password: { type: "password" } },
  async authorize(credentials, request): Promise<Authorized> {
    try {
      return await signIn(
        String(credentials?.name ?? ""),
        String(credentials?.password ?? ""),
        addressOf(request.headers),
        Date.now(),
      );
    } catch (error) {
      if (error instanceof AppError) throw new Error(error.message, { cause: error });
      log.unexpected("A sign-in failed unexpectedly", error);
      throw new Error("Signing in does not work at the moment. The server's log has the reason.", { cause: error });
    }
  },
});

/** next-auth's options, made on use since the secret comes from the opened secret box. */
export const authOptions = (): NextAuthOptions => ({
  secret: deriveSecret("session"),
  session: { strategy: "jwt", maxAge: idleSeconds },
  jwt: { maxAge: idleSeconds },
  cookies: {
    sessionToken: { name: sessionCookieName(env().publicUrl), options: sessionCookieOptions(env().publicUrl) },
  },
  pages: { signIn: paths.signIn(), error: paths.signIn(), signOut: paths.signIn() },
  providers: [passwords],
  callbacks: {
    jwt({ token, user }) {
      if (user) {
        const authorized = user as Authorized;
        return { sub: authorized.id, version: authorized.version, signedInAtMs: Date.now() };
      }
      const parsed = sessionToken.safeParse(token);
      if (!parsed.success || isExpired(parsed.data, Date.now()))
        throw new Error(`the session ended ${absoluteSeconds} s after its sign-in`);
      return parsed.data;
    },
    session: ({ session }) => ({ expires: session.expires }),
  },
  logger: {
    error: (code) => log.warn("next-auth", { code }),
    warn: (code) => log.debug("next-auth", { code }),
    debug: () => {},
  },
});
