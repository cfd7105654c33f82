import type { OperationFailure } from "./use-operation";

type Failure = Pick<OperationFailure, "fields"> | null;

/** What is wrong with a field or with one of its items: `patches.0` belongs to `patches`. */
export const fieldError = (error: Failure, field: string): string | null =>
  Object.entries(error?.fields ?? {}).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1] ?? null;

/** Whether one of these fields shows the error already, so that it is not told twice and never not at all. */
export const isShownByField = (error: Failure, fields: readonly string[]): boolean =>
  fields.some((field) => fieldError(error, field) !== null);
