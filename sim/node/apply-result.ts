export type ApplyMode = "reboot" | "auto" | "no-reboot" | "staged" | "try";
export type ApplyOptions = { dryRun: boolean; tryTimeoutMs: number };
/** `after` is what happens once the caller has its answer. */
export type ApplyOutcome = { mode: ApplyMode; details: string; after: (() => Promise<void>) | null };
export type ApplyResult = ApplyOutcome & { warnings: readonly string[] };

/** A config that is fine but cannot be applied this way. */
export class ApplyRefused extends Error {
  override readonly name = "ApplyRefused";
  constructor(
    readonly code: "unimplemented" | "invalid-argument" | "unknown",
    message: string,
  ) {
    super(message);
  }
}
