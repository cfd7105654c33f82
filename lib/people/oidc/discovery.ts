import "server-only";
import { z } from "zod";
import type { OidcSettings } from "@/lib/core/sign-in-settings";
import { answerTimeoutMs, mostAnswerBytes } from "@/lib/core/dial/bounded-agent";
import { guardedFetch } from "@/lib/core/dial/request";
import { ProviderFailure } from "./provider-failure";

/** A document is used this long: keys are asked for at each sign-in anyway, and addresses change seldom. */
const freshForMs = 5 * 60_000;
/** And a failure this long, so that strangers at the sign-in page cannot make us knock at will. */
const failureForMs = 5_000;

const endpoint = z
  .string()
  .max(2000)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""));
const document = z.object({
  issuer: z.string().min(1).max(2000),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  userinfo_endpoint: endpoint,
  jwks_uri: endpoint,
});
/** What is used of a discovery document (OpenID Connect Discovery 1.0, section 3). */
export type ProviderDocument = z.infer<typeof document>;

/** Every endpoint has the scheme of the issuer: nothing that is asked over TLS leads to what is not. */
const sameScheme = (issuer: string, found: ProviderDocument): boolean =>
  [found.authorization_endpoint, found.token_endpoint, found.userinfo_endpoint, found.jwks_uri].every(
    (url) => URL.parse(url)?.protocol === URL.parse(issuer)?.protocol,
  );

const withoutSlash = (text: string): string => text.replace(/\/+$/, "");

/** @throws ProviderFailure `nonsense` for what is no discovery document of this issuer. */
export function readDocument(issuer: string, text: string): ProviderDocument {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ProviderFailure("nonsense", "its discovery document is no JSON", cause);
  }
  const parsed = document.safeParse(json);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.map(String).join(".")).join(", ");
    throw new ProviderFailure("nonsense", `its discovery document lacks or misspells: ${names || "everything"}`);
  }
  // One trailing slash more or less is how people write it; tokens are compared with what the document says, to the letter.
  if (withoutSlash(parsed.data.issuer) !== withoutSlash(issuer))
    throw new ProviderFailure("nonsense", "its discovery document is of another issuer");
  if (!sameScheme(issuer, parsed.data))
    throw new ProviderFailure("nonsense", "its discovery document names addresses without TLS");
  return parsed.data;
}

async function getText(url: string, issuer: string): Promise<string> {
  const signal = AbortSignal.timeout(answerTimeoutMs);
  try {
    const request = { headers: { accept: "application/json" }, signal };
    const response = await guardedFetch(new URL(url), request, { kind: "service", url: issuer });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new ProviderFailure("down", `its discovery document is answered with HTTP ${response.status}`);
    }
    return await readCapped(response);
  } catch (error) {
    throw ProviderFailure.of(error);
  }
}

async function readCapped(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (bytes > mostAnswerBytes)
      throw new ProviderFailure("down", `its answer is longer than ${mostAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

let cached: { issuer: string; atMs: number; forMs: number; document: Promise<ProviderDocument> } | null = null;

/**
 * The provider's discovery document, at most five minutes old; people who sign in at once share one request.
 * @throws ProviderFailure `down` or `nonsense`.
 */
export function discover({ issuer }: Pick<OidcSettings, "issuer">, nowMs: number): Promise<ProviderDocument> {
  if (cached?.issuer === issuer && Math.abs(nowMs - cached.atMs) < cached.forMs) return cached.document;
  const found = getText(`${withoutSlash(issuer)}/.well-known/openid-configuration`, issuer).then((text) =>
    readDocument(issuer, text),
  );
  const mine = (cached = { issuer, atMs: nowMs, forMs: freshForMs, document: found });
  found.catch(() => void (mine.forMs = failureForMs));
  return found;
}

/** Asks again at the next sign-in, as after a provider that did not answer. */
export const forgetDocument = (): void => void (cached = null);
