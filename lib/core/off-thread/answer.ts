import { AppError, type AppErrorCode } from "@/lib/core/errors";

/** What goes to a worker and comes back: an `AppError` loses its class on the way, so that it travels as its parts. */
export type TaskOrder = { name: string; input: unknown };
export type TaskAnswer =
  | { ok: true; value: unknown }
  | {
      ok: false;
      error: { code: AppErrorCode; message: string; hint?: string; fields?: Record<string, string>; details?: string };
    };

/** The answer as the caller sees it. @throws AppError as the task did. */
export function valueOf(answer: TaskAnswer): unknown {
  if (answer.ok) return answer.value;
  const { code, message, ...more } = answer.error;
  throw new AppError(code, message, more);
}

/** Runs work and puts its expected failures into the answer; others are thrown, and end as an unexpected failure there. */
export function answerOf(work: () => unknown): TaskAnswer {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, hint, fields, details } = error;
    return {
      ok: false,
      error: { code, message, ...(hint && { hint }), ...(fields && { fields }), ...(details && { details }) },
    };
  }
}
