/** Every expected failure has one of these codes; the API maps each to one HTTP status (`lib/operation/http.ts`). */
export const appErrorCodes = [
  "invalid-input",
  "unauthenticated",
  "proof-needed",
  "forbidden",
  "not-found",
  "conflict",
  "refused",
  "unsupported",
  "rate-limited",
  "unavailable",
  "internal",
] as const;
export type AppErrorCode = (typeof appErrorCodes)[number];

export type AppErrorOptions = {
  /** What the person can do about it, one sentence. */
  hint?: string;
  /** One sentence per form field, keyed by its path ("patches.0"). */
  fields?: Record<string, string>;
  /** Technical text for a "Details" fold-out. Never a secret. */
  details?: string;
  /** After how long the same may work, in milliseconds; for refusals made by `tryLater`, which says it in the message as well. */
  retryAfterMs?: number;
  cause?: unknown;
};

/** An expected failure. `message` is a sentence for people that says what happened and why; it never holds a secret. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly hint?: string;
  readonly fields?: Record<string, string>;
  readonly details?: string;
  readonly retryAfterMs?: number;

  constructor(
    readonly code: AppErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if (options.hint !== undefined) this.hint = options.hint;
    if (options.fields !== undefined) this.fields = options.fields;
    if (options.details !== undefined) this.details = options.details;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * The database cannot be written or read now: busy, full, or its disk fails. No `AppError` on purpose: what is said of a node,
 * a cluster or the factory must never come from it, so whoever catches their failures lets this one pass.
 */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable";

  constructor(
    message: string,
    readonly hint: string,
    options: { details?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? "";
  }
  readonly details: string;
}

/** The text of anything thrown. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
