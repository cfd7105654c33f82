import type { z } from "zod";
import type { AuditTarget } from "@/lib/audit/schema";
import type { Ctx } from "@/lib/auth/ctx";
import type { Sensitivity } from "@/lib/auth/proof";
import type { Grants, Role } from "@/lib/auth/role";

export type OperationTarget = AuditTarget;

/**
 * `change` and `reveal` are audited (intent before, outcome after): the one changes something, the other opens or makes secrets,
 * or uses an admin's credentials, though it changes nothing. `compute` is not, and says why it need not be.
 */
export type OperationKind = { kind: "change" | "reveal" } | { kind: "compute"; unaudited: string };

export type OperationDefinition<N extends string, R extends Role, I extends z.ZodType, O extends z.ZodType> = {
  /** `{entity}.{verb}`: also the audit action and the path `/api/v1/operations/<name>`. */
  name: N;
  role: R;
  /** Why it asks a person for a fresh proof of who they are; see `requireFreshProof`, also for what it means for tokens. */
  sensitive?: Sensitivity;
  /** `expensive`: it computes for long, or asks many nodes or the factory; each account has a quota of these (`quota.ts`). */
  cost?: "expensive";
  /** One sentence for the OpenAPI document. */
  summary: string;
  input: I;
  output: O;
  /** What it acts on, for the audit log. */
  target?: (input: z.output<I>) => OperationTarget | null;
  /** What of the input the audit entry may keep. Without it only the target is kept: secrets stay out by default. */
  auditDetail?: (input: z.output<I>) => Record<string, unknown>;
  run: (ctx: Ctx<Grants[R]>, input: z.output<I>) => Promise<z.input<O>>;
} & OperationKind;

export type Operation<
  N extends string = string,
  R extends Role = Role,
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
> = OperationDefinition<N, R, I, O> & {
  readonly defined: true;
};

/**
 * The only way to make something that people or scripts can do. The browser calls it as a server action, scripts as
 * `POST /api/v1/operations/<name>`; both go through `runOperation`, which checks the role, the input and writes the audit.
 */
export function defineOperation<const N extends string, R extends Role, I extends z.ZodType, O extends z.ZodType>(
  definition: OperationDefinition<N, R, I, O>,
): Operation<N, R, I, O> {
  return { ...definition, defined: true };
}
