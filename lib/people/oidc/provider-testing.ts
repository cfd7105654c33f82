import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

type Claims = Record<string, unknown>;
type Jwt = { header: Claims; claims: Claims };

/** What a test changes in the provider's answers on their way out. */
export type Tampering = {
  /** Changes an ID token; it is signed again with the provider's key, with `key`, or not at all (`null`). */
  idToken?: (token: Jwt) => Jwt & { key?: KeyObject | null };
  userinfo?: (claims: Claims) => Claims;
  /** Answers a request itself; false leaves it to the provider. */
  answer?: (request: http.IncomingMessage, response: http.ServerResponse) => boolean;
};

export type TestProvider = {
  issuer: string;
  /** By subject; their claims, `groups` among them. */
  people: Map<string, Claims>;
  tamper: Tampering;
  /** Paths that were asked for. */
  asked: string[];
  close: () => Promise<void>;
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part: string | undefined): Claims =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8")) as Claims;

function sign({ header, claims }: Jwt, key: KeyObject | null): string {
  const body = `${encode(header)}.${encode(claims)}`;
  return key === null ? `${body}.` : `${body}.${createSign("sha256").update(body).sign(key).toString("base64url")}`;
}

/** Hands the body of an answer through `change` before it is sent. */
function rewrite(response: http.ServerResponse, change: (body: Claims) => Claims): void {
  const end = response.end.bind(response) as (chunk?: unknown) => http.ServerResponse;
  response.end = ((chunk?: unknown) => {
    if (response.statusCode !== 200 || (typeof chunk !== "string" && !Buffer.isBuffer(chunk))) return end(chunk);
    const text = JSON.stringify(change(JSON.parse(String(chunk)) as Claims));
    response.setHeader("content-length", Buffer.byteLength(text));
    return end(text);
  }) as typeof response.end;
}

const page = (people: Iterable<string>): string =>
  `<!doctype html><html lang="en"><title>Test provider</title><h1>Test provider</h1><form method="post">${[...people]
    .map((name) => `<button name="person" value="${name}">Continue as ${name}</button>`)
    .join("")}</form></html>`;

async function bodyOf(request: http.IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

/**
 * A real OpenID provider (oidc-provider) on loopback. Its page asks who one wants to be. As most providers do, it tells groups in
 * userinfo alone.
 */
export async function startTestProvider(
  redirectUri: string,
  { port = 0, clientId = "ichor", clientSecret = "test-secret" } = {},
): Promise<TestProvider> {
  let handle: http.RequestListener = () => {};
  const server = http.createServer((request, response) => handle(request, response));
  // Longer than any pause of a busy machine: it must not close a connection just when it is used again.
  server.keepAliveTimeout = 10 * 60_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", () => resolve()));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const self: TestProvider = {
    issuer,
    people: new Map(),
    tamper: {},
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "test", alg: "RS256", use: "sig" }] } as never,
    scopes: ["openid", "profile", "email"],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email"] },
    cookies: { keys: ["test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { Session: 3600, Grant: 3600, Interaction: 3600, AccessToken: 3600, IdToken: 3600 },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...self.people.get(sub) }) }),
    loadExistingGrant: async ({ oidc }) => {
      const accountId = oidc.session?.accountId;
      if (accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId, accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  const inner = provider.callback();
  const interact = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    if (request.method !== "POST") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      return void response.end(page(self.people.keys()));
    }
    const accountId = (await bodyOf(request)).get("person") ?? "";
    await provider.interactionFinished(request, response, { login: { accountId, remember: false } });
  };
  handle = (request, response) => {
    const { pathname } = new URL(request.url ?? "/", issuer);
    self.asked.push(pathname);
    if (self.tamper.answer?.(request, response)) return;
    if (pathname.startsWith("/interaction/")) return void interact(request, response);
    if (pathname === "/token")
      rewrite(response, (body) => {
        if (!self.tamper.idToken || typeof body.id_token !== "string") return body;
        const [header, claims] = body.id_token.split(".");
        const { key = privateKey, ...changed } = self.tamper.idToken({
          header: decode(header),
          claims: decode(claims),
        });
        return { ...body, id_token: sign(changed, key) };
      });
    if (pathname === "/me") rewrite(response, (claims) => self.tamper.userinfo?.(claims) ?? claims);
    void inner(request, response);
  };
  return self;
}
