import { describe, expect, test } from "vitest";
import { z } from "zod";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { roles, roleSatisfies } from "@/lib/auth/role";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type AnyOperation, runOperation } from "@/lib/operation/run-operation";
import { openApiDocument } from "./openapi";
import { disturbances } from "@/lib/inventory/guard/disturbance";
import { operations } from "./operations";
import { reads } from "./reads";

setUpTestDatabase();

const refusals = operations.flatMap((operation) =>
  roles
    .filter((role) => !roleSatisfies(role, operation.role))
    .map((role) => ({ name: operation.name, role, operation })),
);

describe("every operation", () => {
  test("has a name of its own, `entity.verb`, and a sentence about it", () => {
    const names = operations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, summary } of operations) {
      expect(name).toMatch(/^[a-z][a-z-]*\.[a-z][a-z-]*$/);
      expect(summary, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  test.each(refusals)(
    "$name is refused to a $role, whatever is sent, and the attempt is recorded",
    async ({ name, role, operation }) => {
      const actor: Actor = { kind: "token", id: "token_1", name: "script", role, ownerId: null };
      const result = await runOperation(
        operation,
        actor,
        { nodeId: "node_1" },
        { requestId: "request_1", origin: "api" },
      );
      expect(result).toMatchObject({ ok: false, error: { code: "forbidden" } });
      expect((await listAudit(systemContext("test"))).entries[0]).toMatchObject({
        phase: "denied",
        action: name,
        actorName: "script",
      });
    },
  );

  test("those that make the great changes need more than a viewer", () => {
    const changing = operations.filter(
      ({ kind, name }) => kind === "change" && !/^(session|token|factor)\./.test(name),
    );
    expect(changing.length).toBeGreaterThan(10);
    expect(changing.filter(({ role }) => role === "viewer").map(({ name }) => name)).toEqual([]);
  });
});

test("the OpenAPI document has every operation and read, and is plain JSON", () => {
  const document = openApiDocument();
  const paths = Object.keys(document.paths);
  for (const { name } of operations) expect(paths).toContain(`/api/v1/operations/${name}`);
  for (const { name } of reads) expect(paths).toContain(`/api/v1/${name}`);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

/** Input fields of an operation, as far as its schema is an object. */
const fieldsOf = ({ input }: AnyOperation): string[] => (input instanceof z.ZodObject ? Object.keys(input.shape) : []);

test("every operation that changes a node or a cluster says how it disturbs it", () => {
  const named = operations.filter(
    (operation) =>
      operation.kind === "change" &&
      fieldsOf(operation).some((field) => ["nodeId", "nodeIds", "clusterId"].includes(field)),
  );
  expect(named.length).toBeGreaterThan(15);
  for (const { name } of named) expect(Object.keys(disturbances), name).toContain(name);
  // Nor does the table speak of what nobody can do; `upgrade.run` is a run's own hold.
  const all = [...operations.map(({ name }) => name), "upgrade.run"];
  for (const name of Object.keys(disturbances)) expect(all).toContain(name);
});
