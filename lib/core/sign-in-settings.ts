import { z } from "zod";

/** Signatures of ID tokens that a provider may use: only such that need its private key. */
const signingAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;
const tokenAuthMethods = ["client_secret_basic", "client_secret_post", "none"] as const;
const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

const issuerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname));
});
const groups = z
  .string()
  .transform((text) => [
    ...new Set(
      text
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean),
    ),
  ])
  .refine((list) => list.length > 0 && list.every((name) => name.length <= 200));
const groupsExpected = "group names as the identity provider sends them, separated by commas";

/** The settings of sign-in through an identity provider and of second factors, in the form of `env.ts`. */
export const signInSettings = {
  ICHOR_OIDC_ISSUER: {
    schema: issuerUrl.optional(),
    expected: "the https address of an OpenID Connect issuer, as its discovery document names it",
  },
  ICHOR_OIDC_CLIENT_ID: {
    schema: z.string().min(1).max(500).optional(),
    expected: "the client ID that the provider gave",
  },
  ICHOR_OIDC_CLIENT_SECRET: {
    schema: z.string().min(1).max(2000).optional(),
    expected: "the client secret that the provider gave",
  },
  ICHOR_OIDC_SCOPES: {
    schema: z
      .string()
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( +[\x21\x23-\x5b\x5d-\x7e]+)*$/)
      .refine((text) => text.split(/ +/).includes("openid"))
      .default("openid profile email"),
    expected: "scopes separated by spaces, openid among them",
  },
  ICHOR_OIDC_GROUPS_CLAIM: {
    schema: z.string().min(1).max(200).default("groups"),
    expected: "the name of the claim with a person's groups, or a path to it with dots",
  },
  ICHOR_OIDC_ROLE_ADMIN: { schema: groups.optional(), expected: groupsExpected },
  ICHOR_OIDC_ROLE_OPERATOR: { schema: groups.optional(), expected: groupsExpected },
  ICHOR_OIDC_ROLE_AUDITOR: { schema: groups.optional(), expected: groupsExpected },
  ICHOR_OIDC_ROLE_VIEWER: { schema: groups.optional(), expected: groupsExpected },
  ICHOR_OIDC_DEFAULT_ROLE: { schema: z.enum(["none", "viewer"]).default("none"), expected: "none or viewer" },
  ICHOR_OIDC_TOKEN_AUTH: {
    schema: z.enum(tokenAuthMethods).default("client_secret_basic"),
    expected: "client_secret_basic, client_secret_post or none",
  },
  ICHOR_OIDC_SIGNING_ALG: {
    schema: z.enum(signingAlgorithms).default("RS256"),
    expected: `how the provider signs ID tokens: ${signingAlgorithms.join(", ")}`,
  },
  ICHOR_OIDC_BUTTON_LABEL: {
    schema: z.string().min(1).max(60).default("Sign in with your organisation"),
    expected: "a text of at most 60 characters",
  },
  ICHOR_PASSWORD_SIGN_IN: {
    schema: z.enum(["everyone", "admins"]).default("everyone"),
    expected: "everyone or admins",
  },
  ICHOR_SECOND_FACTOR: {
    schema: z.enum(["optional", "admins", "everyone"]).default("optional"),
    expected: "optional, admins or everyone",
  },
} as const;

type Defs = typeof signInSettings;
export type ReadSetting = <N extends keyof Defs>(name: N) => z.output<Defs[N]["schema"]>;

/** Groups of the provider by the role that they give. */
export type GroupsByRole = { admin: string[]; operator: string[]; auditor: string[]; viewer: string[] };

export type OidcSettings = {
  /** As it was set; what the provider calls itself stands in its discovery document. */
  issuer: string;
  clientId: string;
  /** Null for a public client. */
  clientSecret: string | null;
  scopes: string;
  groupsClaim: string;
  roles: GroupsByRole;
  /** The role of who is in none of the groups; null refuses them. */
  defaultRole: "viewer" | null;
  tokenAuth: (typeof tokenAuthMethods)[number];
  signingAlgorithm: (typeof signingAlgorithms)[number];
  buttonLabel: string;
};

export type SignInSettings = {
  /** Null where no identity provider is set. */
  oidc: OidcSettings | null;
  /** Whose passwords are taken; an administrator's always is, so that a provider that is down locks nobody out for good. */
  passwordSignIn: "everyone" | "admins";
  /** Who of those with a password must have a second factor. */
  secondFactor: "optional" | "admins" | "everyone";
};

/** Reads them; `problems` gets a sentence for each setting that is missing beside others, by its name. */
export function readSignInSettings(
  read: ReadSetting,
  publicUrlIsSet: boolean,
  problems: Record<string, string>,
): SignInSettings {
  const issuer = read("ICHOR_OIDC_ISSUER");
  const clientId = read("ICHOR_OIDC_CLIENT_ID");
  const clientSecret = read("ICHOR_OIDC_CLIENT_SECRET") ?? null;
  const tokenAuth = read("ICHOR_OIDC_TOKEN_AUTH");
  const roles: GroupsByRole = {
    admin: read("ICHOR_OIDC_ROLE_ADMIN") ?? [],
    operator: read("ICHOR_OIDC_ROLE_OPERATOR") ?? [],
    auditor: read("ICHOR_OIDC_ROLE_AUDITOR") ?? [],
    viewer: read("ICHOR_OIDC_ROLE_VIEWER") ?? [],
  };
  const defaultRole = read("ICHOR_OIDC_DEFAULT_ROLE");
  const rest = {
    scopes: read("ICHOR_OIDC_SCOPES"),
    groupsClaim: read("ICHOR_OIDC_GROUPS_CLAIM"),
    signingAlgorithm: read("ICHOR_OIDC_SIGNING_ALG"),
    buttonLabel: read("ICHOR_OIDC_BUTTON_LABEL"),
  };
  const passwordSignIn = read("ICHOR_PASSWORD_SIGN_IN");
  const secondFactor = read("ICHOR_SECOND_FACTOR");
  const missing = (name: keyof Defs | "ICHOR_URL", why: string) => void (problems[name] ??= `${name} ${why}.`);
  if (issuer === undefined) {
    if (clientId !== undefined && !problems.ICHOR_OIDC_ISSUER)
      missing("ICHOR_OIDC_ISSUER", "must be set too where ICHOR_OIDC_CLIENT_ID is");
    if (passwordSignIn === "admins" && !problems.ICHOR_OIDC_ISSUER)
      missing("ICHOR_PASSWORD_SIGN_IN", "can be admins only with an identity provider: set ICHOR_OIDC_ISSUER");
    return { oidc: null, passwordSignIn, secondFactor };
  }
  if (!publicUrlIsSet) missing("ICHOR_URL", "must be set for ICHOR_OIDC_ISSUER: the provider sends people back to it");
  if (clientId === undefined) missing("ICHOR_OIDC_CLIENT_ID", "must be set for ICHOR_OIDC_ISSUER");
  if (tokenAuth !== "none" && clientSecret === null)
    missing("ICHOR_OIDC_CLIENT_SECRET", "must be set, or ICHOR_OIDC_TOKEN_AUTH be none for a public client");
  if (defaultRole === "none" && Object.values(roles).every((names) => names.length === 0))
    missing("ICHOR_OIDC_ROLE_ADMIN", "or another ICHOR_OIDC_ROLE_… must be set: without one nobody could sign in");
  return {
    oidc: {
      issuer,
      clientId: clientId ?? "",
      clientSecret: tokenAuth === "none" ? null : clientSecret,
      roles,
      defaultRole: defaultRole === "none" ? null : defaultRole,
      tokenAuth,
      ...rest,
    },
    passwordSignIn,
    secondFactor,
  };
}
