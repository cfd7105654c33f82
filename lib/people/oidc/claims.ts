import { z } from "zod";
import type { OidcSettings } from "@/lib/core/sign-in-settings";
import { type Role, roles as knownRoles } from "@/lib/auth/role";

/** More groups than these are no person's; the rest is not looked at. */
const mostGroups = 1000;

const subject = z.string().min(1).max(255);
/** Claims of ID token and userinfo, put together; everything but issuer and subject may be missing or of another kind. */
const claims = z.looseObject({
  iss: z.string(),
  sub: subject,
  preferred_username: z.string().optional().catch(undefined),
  email: z.string().optional().catch(undefined),
  auth_time: z.number().int().positive().optional().catch(undefined),
});

export type ProviderPerson = {
  issuer: string;
  subject: string;
  /** What the person is called there; only a wish for the account's name. */
  wishedName: string;
  groups: string[];
  /** When the person last showed there who they are; null where the provider does not say. */
  provenAtMs: number | null;
};

/** The value under a claim's name, or else under a path of names with dots (`realm_access.roles`). */
function valueAt(source: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(source, path)) return source[path];
  let value: unknown = source;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/**
 * Group names of a claim: a list of texts, one text, or an object keyed by them (Zitadel). Keycloak's full paths lose their
 * leading slash. Anything else is no group.
 */
export function groupsOf(source: Record<string, unknown>, path: string): string[] {
  const value = valueAt(source, path);
  const list: unknown[] =
    typeof value === "string"
      ? [value]
      : Array.isArray(value)
        ? value.slice(0, mostGroups)
        : typeof value === "object" && value !== null
          ? Object.keys(value).slice(0, mostGroups)
          : [];
  return list.filter((name) => typeof name === "string").map((name) => name.replace(/^\//, ""));
}

/** The greatest role that the groups give, or null for a person who may not come in. */
export function roleOfGroups(
  groups: readonly string[],
  settings: Pick<OidcSettings, "roles" | "defaultRole">,
): Role | null {
  const held = new Set(groups);
  const gives = (role: Role): boolean => settings.roles[role].some((name) => held.has(name.replace(/^\//, "")));
  return knownRoles.toReversed().find(gives) ?? settings.defaultRole;
}

/**
 * Who the provider says it is.
 * @param profile the ID token's claims and those of userinfo, whose subjects have been compared.
 * @throws ZodError where issuer or subject are missing.
 */
export function personOf(profile: unknown, groupsClaim: string): ProviderPerson {
  const parsed = claims.parse(profile);
  return {
    issuer: parsed.iss,
    subject: parsed.sub,
    wishedName: parsed.preferred_username ?? parsed.email ?? parsed.sub,
    groups: groupsOf(parsed, groupsClaim),
    provenAtMs: parsed.auth_time === undefined ? null : parsed.auth_time * 1000,
  };
}
