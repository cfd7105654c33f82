import { AppError, type AppErrorCode, type AppErrorOptions } from "@/lib/core/errors";

/**
 * `unreachable`: no answer, or not in time. `refused`: it answered that it will not (its text is in the details).
 * `failed`: it answered that it cannot now. `nonsense`: what it answered is not what an Image Factory says.
 */
export const factoryErrorKinds = ["unreachable", "refused", "failed", "nonsense"] as const;
export type FactoryErrorKind = (typeof factoryErrorKinds)[number];

const codes: Record<FactoryErrorKind, AppErrorCode> = {
  unreachable: "unavailable",
  refused: "refused",
  failed: "unavailable",
  nonsense: "unavailable",
};

/** Whatever goes wrong between us and the Image Factory. */
export class FactoryError extends AppError {
  constructor(
    readonly kind: FactoryErrorKind,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(codes[kind], message, options);
  }
}

/** The factory's own words, fit to be shown: no control characters, at most 300 characters. */
export const factoryText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 300);
