import { vi } from "vitest";
import type { Actor } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import type { z } from "zod";
import { type AnyOperation, type OperationResult, runOperation } from "@/lib/operation/run-operation";
import { fleet } from "./fleet";
import type { NodeView } from "./schema";

/** The node of that name as browsers see it now. */
export function named(name: string): NodeView {
  const view = fleet()
    .views()
    .find((node) => node.name === name);
  if (!view) throw new Error(`there is no node ${name}`);
  return view;
}

/** Waits until the check passes: a fleet speaks when it has something to say. */
export const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 25_000, interval: 25 });

/** Somebody who has just signed in. */
const actorOf = (role: Role): Actor => {
  const session = {
    id: `session_${role}`,
    method: "password" as const,
    lastProofAtMs: Date.now(),
    expiresAtMs: Infinity,
  };
  return { kind: "user", id: `user_${role}`, name: role, role, session };
};

/** Runs an operation as somebody of that role, as a script would. */
export const as = <O extends AnyOperation>(
  role: Role,
  operation: O,
  input: unknown,
): Promise<OperationResult<z.output<O["output"]>>> =>
  runOperation(operation, actorOf(role), input, { requestId: "request_test", origin: "api" });

/** What an operation answered. Throws, with the answer, where it was refused or failed. */
export function dataOf<T>(result: OperationResult<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.data;
}
