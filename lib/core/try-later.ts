import { AppError } from "./errors";
import { formatDuration } from "./units";

type Options = { hint?: string; cause?: unknown };

/**
 * A refusal because of a limit, and the only way to make one: its message ends with when to try again, and the API says the same as
 * `Retry-After`.
 *
 * @param code `rate-limited` for a limit of whoever asks, `unavailable` for one of the server.
 * @param message what the limit is, as whole sentences.
 * @param afterMs when it can work at the earliest; whole seconds are told, one at least.
 */
export function tryLater(
  code: "rate-limited" | "unavailable",
  message: string,
  afterMs: number,
  options: Options = {},
): AppError {
  const retryAfterMs = Math.max(1, Math.ceil(afterMs / 1000)) * 1000;
  return new AppError(code, `${message} Try again in ${formatDuration(retryAfterMs)}.`, { ...options, retryAfterMs });
}
