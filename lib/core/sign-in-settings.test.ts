import { describe, expect, test } from "vitest";
import { parseSettings } from "./env";
import { AppError } from "./errors";

const good = {
  ICHOR_URL: "https://ichor.example.org",
  ICHOR_OIDC_ISSUER: "https://id.example.org/application/o/ichor/",
  ICHOR_OIDC_CLIENT_ID: "ichor",
  ICHOR_OIDC_CLIENT_SECRET: "canary",
  ICHOR_OIDC_ROLE_ADMIN: "admins, cluster admins",
};
const problemsOf = (source: NodeJS.Dict<string>): string[] => {
  try {
    parseSettings(source);
  } catch (error) {
    if (error instanceof AppError) {
      expect(error.message).not.toContain("canary");
      return Object.keys(error.fields ?? {});
    }
  }
  return [];
};

describe("settings of the sign-in", () => {
  test("without an issuer there is no provider, and passwords are everyone's", () => {
    expect(parseSettings({})).toMatchObject({ oidc: null, passwordSignIn: "everyone", secondFactor: "optional" });
  });

  test("the least that is needed; the rest has its defaults", () => {
    expect(parseSettings(good).oidc).toEqual({
      issuer: "https://id.example.org/application/o/ichor/",
      clientId: "ichor",
      clientSecret: "canary",
      scopes: "openid profile email",
      groupsClaim: "groups",
      roles: { admin: ["admins", "cluster admins"], operator: [], auditor: [], viewer: [] },
      defaultRole: null,
      tokenAuth: "client_secret_basic",
      signingAlgorithm: "RS256",
      buttonLabel: "Sign in with your organisation",
    });
  });

  test.each<[string, NodeJS.Dict<string>]>([
    ["ICHOR_URL", { ICHOR_URL: "" }],
    ["ICHOR_OIDC_CLIENT_ID", { ICHOR_OIDC_CLIENT_ID: "" }],
    ["ICHOR_OIDC_CLIENT_SECRET", { ICHOR_OIDC_CLIENT_SECRET: "" }],
    ["ICHOR_OIDC_ROLE_ADMIN", { ICHOR_OIDC_ROLE_ADMIN: "" }],
    ["ICHOR_OIDC_ISSUER", { ICHOR_OIDC_ISSUER: "http://id.example.org" }],
    ["ICHOR_OIDC_ISSUER", { ICHOR_OIDC_ISSUER: "https://user:canary@id.example.org" }],
    ["ICHOR_OIDC_ISSUER", { ICHOR_OIDC_ISSUER: "https://id.example.org/?x=1" }],
    ["ICHOR_OIDC_SIGNING_ALG", { ICHOR_OIDC_SIGNING_ALG: "none" }],
    ["ICHOR_OIDC_SIGNING_ALG", { ICHOR_OIDC_SIGNING_ALG: "HS256" }],
    ["ICHOR_OIDC_SCOPES", { ICHOR_OIDC_SCOPES: "profile email" }],
    ["ICHOR_OIDC_DEFAULT_ROLE", { ICHOR_OIDC_DEFAULT_ROLE: "admin" }],
    ["ICHOR_OIDC_TOKEN_AUTH", { ICHOR_OIDC_TOKEN_AUTH: "private_key_jwt" }],
    ["ICHOR_OIDC_ISSUER", { ICHOR_OIDC_ISSUER: "" }],
  ])("%s is refused by its name: %j", (name, change) => {
    expect(problemsOf({ ...good, ...change })).toEqual([name]);
  });

  test("a public client needs no secret, and a default role no groups", () => {
    const { ICHOR_OIDC_CLIENT_SECRET: _, ICHOR_OIDC_ROLE_ADMIN: __, ...rest } = good;
    const settings = parseSettings({ ...rest, ICHOR_OIDC_TOKEN_AUTH: "none", ICHOR_OIDC_DEFAULT_ROLE: "viewer" });
    expect(settings.oidc).toMatchObject({ clientSecret: null, defaultRole: "viewer" });
  });

  test("passwords are never hidden where they are the only way in", () => {
    expect(problemsOf({ ICHOR_PASSWORD_SIGN_IN: "admins" })).toEqual(["ICHOR_PASSWORD_SIGN_IN"]);
    expect(parseSettings({ ...good, ICHOR_PASSWORD_SIGN_IN: "admins" }).passwordSignIn).toBe("admins");
  });

  test("a provider on this machine may be without TLS", () => {
    expect(problemsOf({ ...good, ICHOR_OIDC_ISSUER: "http://127.0.0.1:5556/dex" })).toEqual([]);
  });
});
