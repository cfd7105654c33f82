import "server-only";
import { randomBytes } from "node:crypto";
import { recordSystem } from "@/lib/audit/record";
import type { Actor } from "@/lib/auth/ctx";
import { hashPassword } from "@/lib/auth/password";
import type { ProofMethod } from "@/lib/auth/proof";
import { parseRole, type Role } from "@/lib/auth/role";
import { endSessionsOf } from "@/lib/auth/session";
import { newId } from "@/lib/core/ids";
import type { OidcSettings } from "@/lib/core/sign-in-settings";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { endStreamsOf } from "@/lib/live/sse";
import { type ProviderPerson, roleOfGroups } from "./claims";
import type { SignInRefusal } from "./sign-in-refusal";

export type ProviderSignIn =
  | { state: "signed-in"; id: string; name: string; method: ProofMethod; provenAtMs: number | null }
  | { state: "refused"; refusal: SignInRefusal };

const mostNames = 1000;
const nobody: Actor = { kind: "system", job: "sign-in", onBehalfOf: null };

/** The wish as an account's name (`userName` of the schema): what no name has becomes a hyphen. */
export function accountName(wish: string): string {
  const name = wish
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._@-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 56);
  return name === "" ? "person" : name;
}

/** The first name that nobody has: the wish, then `wish-2`, … Never that of another account, whoever asks for it. */
async function freeName(tx: Tx, wish: string): Promise<string> {
  for (let count = 1; count <= mostNames; count += 1) {
    const name = count === 1 ? accountName(wish) : `${accountName(wish)}-${count}`;
    if (!(await tx.user.findUnique({ where: { name }, select: { id: true } }))) return name;
  }
  return `${accountName(wish).slice(0, 40)}-${randomBytes(6).toString("hex")}`;
}

/** An account of the provider cannot be signed in to with a password: its hash is of one that nobody has seen. */
const unknownPassword = (): Promise<string> => hashPassword(randomBytes(32).toString("base64url"));

/**
 * Signs in whom the provider vouches for. The account is found by issuer and subject alone: a local account with the same name
 * or address stays another's. Groups decide the role anew each time: where it changed, older sessions end; where none is left,
 * sessions and API tokens end too.
 */
export async function signInFromProvider(
  person: ProviderPerson,
  settings: Pick<OidcSettings, "roles" | "defaultRole">,
  { address, nowMs }: { address: string; nowMs: number },
): Promise<ProviderSignIn> {
  const role = roleOfGroups(person.groups, settings);
  const key = { issuer_subject: { issuer: person.issuer, subject: person.subject } };
  const known = await db.oidcIdentity.findUnique({ where: key, include: { user: true } });
  const refuse = async (refusal: SignInRefusal): Promise<ProviderSignIn> => {
    const target = known ? { kind: "user" as const, id: known.userId, name: known.user.name } : null;
    await recordSystem(
      { actor: nobody, requestId: newId("request") },
      { action: "session.refused", target, detail: { address, via: "oidc", reason: refusal, known: known !== null } },
    );
    return { state: "refused", refusal };
  };
  if (known?.user.disabledAt) return refuse("account-disabled");
  if (role === null) {
    if (known) await takeRights(known.userId);
    return refuse("no-group");
  }
  if ((await db.user.count({ where: { role: "admin", disabledAt: null, identity: null } })) === 0)
    return refuse("not-set-up");
  const account = known
    ? await settle(known.userId, role, nowMs)
    : await create(person, role, nowMs).catch(async (error: unknown) => {
        // Two first sign-ins of one person at once: the other one made the account.
        const made = await db.oidcIdentity.findUnique({ where: key });
        if (!made) throw error;
        return settle(made.userId, role, nowMs);
      });
  const actor: Actor = { kind: "user", id: account.id, name: account.name, role };
  await recordSystem(
    { actor, requestId: newId("request") },
    {
      action: "session.sign-in",
      target: { kind: "user", id: account.id, name: account.name },
      detail: { address, via: "oidc", role, ...(account.was !== role && { formerRole: account.was }) },
    },
  );
  return { state: "signed-in", id: account.id, name: account.name, method: "oidc", provenAtMs: person.provenAtMs };
}

type Account = { id: string; name: string; was: Role | null };

async function create(person: ProviderPerson, role: Role, nowMs: number): Promise<Account> {
  const passwordHash = await unknownPassword();
  return withTransaction(async (tx) => {
    const name = await freeName(tx, person.wishedName);
    const { id } = await tx.user.create({
      data: { id: newId("user"), name, role, passwordHash, lastSignInAt: new Date(nowMs) },
    });
    await tx.oidcIdentity.create({
      data: { id: newId("identity"), issuer: person.issuer, subject: person.subject, userId: id },
    });
    return { id, name, was: null };
  });
}

/** Gives an account the role of its groups. Sessions with another role end; tokens never exceed their owner's role anyway. */
async function settle(userId: string, role: Role, nowMs: number): Promise<Account> {
  const account = await withTransaction(async (tx) => {
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId } });
    const was = parseRole(user.role);
    await tx.user.update({ where: { id: userId }, data: { role, lastSignInAt: new Date(nowMs) } });
    if (was !== role) await endSessionsOf(tx, userId);
    return { id: userId, name: user.name, was };
  });
  if (account.was !== role) endStreamsOf(userId);
  return account;
}

async function takeRights(userId: string): Promise<void> {
  await withTransaction(async (tx) => {
    await tx.user.update({ where: { id: userId }, data: { role: "viewer" } });
    await endSessionsOf(tx, userId);
    await tx.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
  });
  endStreamsOf(userId);
}
