import "server-only";
import { randomBytes } from "node:crypto";
import { recordChange, recordSystem } from "@/lib/audit/record";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { hashPassword } from "@/lib/auth/password";
import type { ProofMethod } from "@/lib/auth/proof";
import { parseRole, type Role } from "@/lib/auth/role";
import { endSessionsOf } from "@/lib/auth/session";
import { newId } from "@/lib/core/ids";
import type { OidcSettings } from "@/lib/core/sign-in-settings";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { endStreamsOf } from "@/lib/live/sse";
import { noteRefusal } from "@/lib/people/refused-sign-in";
import { type Again, whyNoProof } from "./again";
import { type ProviderPerson, roleOfGroups } from "./claims";
import type { SignInRefusal } from "./sign-in-refusal";

export type ProviderSignIn =
  | { state: "signed-in"; id: string; name: string; method: ProofMethod; provenAtMs: number | null }
  | { state: "refused"; refusal: SignInRefusal };

const mostNames = 1000;

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
  { address, nowMs, again = null }: { address: string; nowMs: number; again?: Again | null },
): Promise<ProviderSignIn> {
  const role = roleOfGroups(person.groups, settings);
  const key = { issuer_subject: { issuer: person.issuer, subject: person.subject } };
  const known = await db.oidcIdentity.findUnique({ where: key, include: { user: true } });
  const refuse = async (refusal: SignInRefusal): Promise<ProviderSignIn> => {
    const account = known && { id: known.userId, name: known.user.name };
    const detail = { via: "oidc", reason: refusal, ...(again && { again: true }) };
    await noteRefusal(account ? { stranger: false, person: account, detail } : { stranger: true }, address, nowMs);
    return { state: "refused", refusal };
  };
  const noProof = again && whyNoProof(again, known?.userId ?? null, person.provenAtMs, nowMs);
  // Before anything of another person's account is looked at.
  if (noProof === "other-person") return refuse(noProof);
  if (known?.user.disabledAt) return refuse("account-disabled");
  if (role === null) {
    if (known) await takeRights(known.user);
    return refuse("no-group");
  }
  if ((await db.user.count({ where: { role: "admin", disabledAt: null, identity: null } })) === 0)
    return refuse("not-set-up");
  if (noProof) return refuse(noProof);
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
      detail: {
        address,
        via: "oidc",
        role,
        ...(account.was !== role && { formerRole: account.was }),
        ...(again && { again: true }),
      },
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

/** Ends what an account without a group has, with an entry where there was anything: the refusals after it change nothing more. */
async function takeRights({ id, name, role }: { id: string; name: string; role: string }): Promise<void> {
  await withTransaction(async (tx) => {
    await tx.user.update({ where: { id }, data: { role: "viewer" } });
    const { count: sessions } = await endSessionsOf(tx, id);
    const stillGood = { userId: id, revokedAt: null };
    const { count: revoked } = await tx.apiToken.updateMany({ where: stillGood, data: { revokedAt: new Date() } });
    if (role === "viewer" && sessions === 0 && revoked === 0) return;
    const target = { kind: "user" as const, id, name };
    const detail = { reason: "no-group", formerRole: role, sessions, revoked };
    await recordChange(tx, systemContext("sign-in"), { action: "user.lose-rights", target, detail });
  });
  endStreamsOf(id);
}
