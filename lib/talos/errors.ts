import { AppError, type AppErrorCode } from "@/lib/core/errors";
import { cleanText } from "@/lib/talos/text";

/** What went wrong between us and a node. `certificate-*` speak of either side's certificate; the sentence says whose. */
export const talosErrorKinds = [
  "unreachable",
  "refused-certificate",
  "wrong-name",
  "certificate-expired",
  "certificate-not-yet-valid",
  "permission-denied",
  "unimplemented",
  "unknown-resource",
  "not-found",
  "already-exists",
  "precondition",
  "not-supported",
  "invalid",
  "rolled-stream",
  "cancelled",
  "deadline",
  "too-large",
  /** It sent more than any node does (`nodeCaps`): its connection was dropped. */
  "misbehaving",
  "node-failed",
] as const;
export type TalosErrorKind = (typeof talosErrorKinds)[number];

const appCodes: Record<TalosErrorKind, AppErrorCode> = {
  unreachable: "unavailable",
  "refused-certificate": "refused",
  "wrong-name": "refused",
  "certificate-expired": "refused",
  "certificate-not-yet-valid": "refused",
  "permission-denied": "forbidden",
  unimplemented: "unsupported",
  "unknown-resource": "unsupported",
  "not-found": "not-found",
  "already-exists": "conflict",
  precondition: "refused",
  "not-supported": "unsupported",
  invalid: "invalid-input",
  "rolled-stream": "unavailable",
  cancelled: "unavailable",
  deadline: "unavailable",
  "too-large": "refused",
  misbehaving: "refused",
  "node-failed": "unavailable",
};

/** Our clock against a certificate's validity, in epoch milliseconds. A node dates its certificate with its own clock. */
export type Clocks = { oursMs: number; notBeforeMs: number; notAfterMs: number };

export type TalosErrorFacts = {
  kind: TalosErrorKind;
  /** `/machine.MachineService/Version`; empty where no call was made yet. */
  method: string;
  /** `host:port` that was dialled. */
  address: string;
  /** gRPC status code where there was one (`code` is the AppError code). */
  grpcCode?: number;
  clocks?: Clocks;
  hint?: string;
  details?: string;
  cause?: unknown;
};

/** Every failure of `lib/talos`. `message` says what happened and why; `details` holds the raw gRPC text, cleaned and capped. */
export class TalosError extends AppError {
  readonly kind: TalosErrorKind;
  readonly method: string;
  readonly address: string;
  readonly grpcCode: number | null;
  readonly clocks: Clocks | null;

  constructor(message: string, { kind, method, address, grpcCode, clocks, hint, details, cause }: TalosErrorFacts) {
    super(appCodes[kind], message, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details: cleanText(details, { max: 2000 }) }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.kind = kind;
    this.method = method;
    this.address = address;
    this.grpcCode = grpcCode ?? null;
    this.clocks = clocks ?? null;
  }

  /** The same error with its texts passed through `rewrite`; its cause is left behind, since it holds them as they were. */
  rewritten(rewrite: (text: string) => string): TalosError {
    const { kind, method, address, grpcCode, clocks, hint, details } = this;
    return new TalosError(rewrite(this.message), {
      kind,
      method,
      address,
      ...(grpcCode === null ? {} : { grpcCode }),
      ...(clocks === null ? {} : { clocks }),
      ...(hint === undefined ? {} : { hint: rewrite(hint) }),
      ...(details === undefined ? {} : { details: rewrite(details) }),
    });
  }
}

/** Is this a `TalosError` of one of these kinds? */
export const isTalosError = (error: unknown, ...kinds: TalosErrorKind[]): error is TalosError =>
  error instanceof TalosError && (kinds.length === 0 || kinds.includes(error.kind));

const reconnectable = new Set<TalosErrorKind>([
  "unreachable",
  "rolled-stream",
  "deadline",
  "certificate-not-yet-valid",
]);

/** May the same call succeed later without anybody changing anything (reboot, restart of apid, a clock that catches up)? */
export const isReconnectable = (error: unknown): boolean =>
  error instanceof TalosError && reconnectable.has(error.kind);

/**
 * What a release lacks is absent, not an error: turns `unimplemented` and `unknown-resource` into null and passes on everything else.
 */
export async function absentAsNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isTalosError(error, "unimplemented", "unknown-resource")) return null;
    throw error;
  }
}
