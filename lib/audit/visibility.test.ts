import { beforeAll, expect, test } from "vitest";
import { type Actor, proveRole } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { setUpTestDatabase } from "@/lib/db/testing";
import * as factors from "@/lib/people/factor-operations";
import * as people from "@/lib/people/operations";
import { listAudit } from "./queries";
import { recordDenied, recordSystem } from "./record";
import { personalEntities } from "./visibility";

setUpTestDatabase();
const person = (name: string, role: Role): Actor => ({ kind: "user", id: `user_${name}`, name, role });
const eve = person("eve", "operator");
const nobody: Actor = { kind: "system", job: "sign-in", onBehalfOf: null };
const requestId = "request_1";
const target = (name: string) => ({ kind: "user" as const, id: `user_${name}`, name });

beforeAll(async () => {
  for (const name of ["eve", "ada"]) {
    const actor = person(name, "operator");
    await recordSystem({ actor, requestId }, { action: "session.sign-in", target: target(name) });
    await recordSystem({ actor: nobody, requestId }, { action: "session.refused", target: target(name) });
    await recordSystem({ actor, requestId }, { action: "session.change-password" });
    await recordSystem({ actor, requestId }, { action: "factor.add-passkey" });
    await recordDenied({ actor, requestId }, { action: "user.create", target: target(name), errorCode: "forbidden" });
    await recordSystem({ actor, requestId }, { action: "node.reboot", target: { kind: "node", id: "node_1" } });
    await recordSystem({ actor, requestId }, { action: "machine.scan" });
  }
  await recordSystem({ actor: nobody, requestId }, { action: "session.refused", detail: { known: false } });
  await recordSystem({ actor: nobody, requestId }, { action: "failures.counted" });
});
const seenBy = async (actor: Actor, filter = {}) =>
  (await listAudit(proveRole(actor, "viewer"), { limit: 100, ...filter })).entries;

test.each(["viewer", "operator"] as const)(
  "a %s reads of people only what is their own, and all of machines",
  async (role) => {
    const ada = person("ada", role);
    const entries = await seenBy(ada);
    const others = entries.filter(({ actorName, target: of }) => actorName !== "ada" && of?.id !== "user_ada");
    expect([...new Set(others.map(({ action }) => action))].sort()).toEqual(["machine.scan", "node.reboot"]);
    expect(entries).toHaveLength(9);
    // A filter widens nothing, and a token sees what its owner does.
    expect(await seenBy(ada, { actor: "user:user_eve", action: "session.sign-in" })).toEqual([]);
    expect(await seenBy(ada, { targetId: "user_eve" })).toEqual([]);
    const token: Actor = { kind: "token", id: "token_1", name: "t", role, ownerId: "user_ada" };
    expect(await seenBy(token)).toEqual(entries);
  },
);

test.each(["auditor", "admin"] as const)("a %s reads everything", async (role) => {
  expect(await seenBy(person("vera", role))).toHaveLength(16);
  expect(await seenBy(person("vera", role), { targetId: eve.kind === "user" ? eve.id : "" })).toHaveLength(3);
});

test("every operation about people is one of those that are kept from others", () => {
  const entities = [...Object.values(people), ...Object.values(factors)].map(({ name }) => name.split(".")[0] ?? "");
  expect(entities.length).toBeGreaterThan(8);
  expect(entities.filter((entity) => !personalEntities.some((known) => known === entity))).toEqual([]);
});
