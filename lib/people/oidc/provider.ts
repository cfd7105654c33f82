import "server-only";
import type { Profile } from "next-auth";
import type { OAuthConfig } from "next-auth/providers/oauth";
import type { OidcSettings } from "@/lib/core/sign-in-settings";
import { log } from "@/lib/core/log";
import { firstUse } from "@/lib/people/used-once";
import { type ProviderSignIn, signInFromProvider } from "./account";
import { answerTimeoutMs, boundedAgent } from "@/lib/core/dial/bounded-agent";
import type { Again } from "./again";
import { personOf } from "./claims";
import { discover, forgetDocument, type ProviderDocument } from "./discovery";
import { ProviderFailure } from "./provider-failure";
import type { SignInRefusal } from "./sign-in-refusal";

export const providerId = "oidc";
/** As long as next-auth's cookies of a sign-in under way live. */
const stateLifeMs = 15 * 60_000;

/** What became of one request to next-auth: it tells its own error page too little. */
export type Attempt = { refusal: SignInRefusal | null };

function note(attempt: Attempt, error: unknown): void {
  const failure = ProviderFailure.of(error);
  const stale = /^state (mismatch|missing)/.test(failure.message);
  attempt.refusal = stale ? "sign-in-stale" : failure.kind === "down" ? "provider-down" : "provider-nonsense";
  log.warn("The identity provider failed a sign-in", { kind: failure.kind, reason: failure.message });
}

/**
 * next-auth's provider for the one of the settings: authorization code with PKCE, state and nonce; the ID token is verified
 * (signature by the provider's keys, issuer, audience, nonce, expiry) and userinfo is read too, whose subject must be the same.
 * `profile` answers a `ProviderSignIn`: next-auth would turn anything thrown into a sentence without a reason.
 * @param document of the provider, read through `discover`.
 * @param from where the request comes from, and the session that wants to prove itself by it, if any.
 */
export function oidcProvider(
  settings: OidcSettings,
  document: ProviderDocument,
  attempt: Attempt,
  from: { address: string; again: Again | null },
): OAuthConfig<Profile> {
  const rule = { kind: "service", url: settings.issuer } as const;
  return {
    id: providerId,
    name: settings.buttonLabel,
    type: "oauth",
    // Of the document, so that openid-client asks for none itself.
    issuer: document.issuer,
    jwks_endpoint: document.jwks_uri,
    authorization: { url: document.authorization_endpoint, params: { scope: settings.scopes } },
    token: {
      url: document.token_endpoint,
      request: async ({ client, provider, params, checks }) => {
        try {
          const tokens = await client.callback(provider.callbackUrl, params, checks);
          // A code works once at the provider; here its state does, whatever the provider thinks of codes.
          const fresh = await firstUse(`oidc-state:${String(params.state)}`, stateLifeMs, Date.now());
          if (fresh) return { tokens };
        } catch (error) {
          note(attempt, error);
          // Asked anew the next time: what has moved must not stay.
          forgetDocument();
          throw error;
        }
        attempt.refusal = "sign-in-stale";
        throw new Error("this answer of the provider was used already");
      },
    },
    userinfo: {
      url: document.userinfo_endpoint,
      request: async ({ client, tokens }) => {
        try {
          const verified = tokens as Parameters<typeof client.userinfo>[0] & { claims: () => Profile };
          // Refused by openid-client where its subject is another one. What is signed wins over what is not, and alone says when.
          return { ...(await client.userinfo(verified)), auth_time: undefined, ...verified.claims() };
        } catch (error) {
          note(attempt, error);
          throw error;
        }
      },
    },
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    clientId: settings.clientId,
    ...(settings.clientSecret !== null && { clientSecret: settings.clientSecret }),
    client: {
      token_endpoint_auth_method: settings.tokenAuth,
      id_token_signed_response_alg: settings.signingAlgorithm,
    },
    httpOptions: { agent: boundedAgent(document.token_endpoint, rule), timeout: answerTimeoutMs },
    profile: async (profile) => {
      const result = await vouched(profile, settings, document, from);
      if (result.state === "refused") attempt.refusal = result.refusal;
      return { ...result, id: result.state === "signed-in" ? result.id : "nobody" };
    },
  };
}

async function vouched(
  profile: Profile,
  settings: OidcSettings,
  document: ProviderDocument,
  from: { address: string; again: Again | null },
): Promise<ProviderSignIn> {
  try {
    const person = personOf(profile, settings.groupsClaim);
    if (person.issuer !== document.issuer) return { state: "refused", refusal: "provider-nonsense" };
    return await signInFromProvider(person, settings, { ...from, nowMs: Date.now() });
  } catch (error) {
    log.unexpected("A sign-in through the identity provider failed", error);
    return { state: "refused", refusal: "failed" };
  }
}

/** Whether next-auth's request is one for the provider. */
export const isForProvider = (segments: readonly string[]): boolean =>
  segments[1] === providerId && (segments[0] === "signin" || segments[0] === "callback");

/** The document, or null with the reason noted in `attempt`. */
export async function documentOrRefusal(settings: OidcSettings, attempt: Attempt): Promise<ProviderDocument | null> {
  try {
    return await discover(settings, Date.now());
  } catch (error) {
    note(attempt, error);
    return null;
  }
}
