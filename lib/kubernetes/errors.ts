import { ApiException } from "@kubernetes/client-node";
import { z } from "zod";
import { AppError, errorMessage } from "@/lib/core/errors";

/** Text from the cluster as it may be shown: no control characters, capped. */
export const shownText = (text: unknown, max = 300): string =>
  String(text ?? "")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, max);

const status = z.object({ message: z.string().optional(), reason: z.string().optional() });

/** `metav1.Status.message` of a refused call, as far as it can be read. */
export function statusMessage(error: ApiException<unknown>): string {
  let body: unknown = error.body;
  if (typeof body === "string") {
    try {
      body = JSON.parse(body);
    } catch {
      return shownText(body);
    }
  }
  const parsed = status.safeParse(body);
  return shownText(parsed.success ? (parsed.data.message ?? parsed.data.reason ?? "") : "");
}

/** HTTP status of a refused call; null for a failure before any answer. */
export const httpStatusOf = (error: unknown): number | null => (error instanceof ApiException ? error.code : null);

/** HTTP 401: the API server does not know whoever the kubeconfig says we are. Whoever holds it has to get another. */
export class KubeconfigRefused extends AppError {
  constructor(doing: string, details: string, cause: unknown) {
    super("refused", `Kubernetes refused to ${doing}: it does not take the cluster's kubeconfig any more.`, {
      hint: "Try again: a new one is fetched from a control plane for that. If it is refused, too, import the cluster's secrets anew, since its authority has changed.",
      details,
      cause,
    });
  }
}

const networkCode = (error: unknown): string => {
  const code: unknown = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
};

/**
 * Translates whatever a Kubernetes call threw. `doing` completes "Kubernetes could not …", such as `cordon worker-1`.
 * A caller's own abort passes through unchanged.
 */
export function kubernetesError(error: unknown, doing: string, timedOut: boolean): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof ApiException) {
    const why = statusMessage(error) || `HTTP ${error.code}`;
    const details = `HTTP ${error.code}: ${why}`;
    // Asking again with the same kubeconfig changes nothing: a drain, a proof, or a cordon to be taken back, must not wait for it.
    if (error.code === 401) return new KubeconfigRefused(doing, details, error);
    if (error.code === 403) {
      return new AppError("refused", `Kubernetes does not allow the cluster's kubeconfig to ${doing}.`, {
        hint: "Give its user the right to do that (kubectl auth can-i says what it has), or import secrets of the cluster that hold an administrator's, then try again.",
        details,
        cause: error,
      });
    }
    if (error.code === 404)
      return new AppError("not-found", `Kubernetes could not ${doing}: it does not exist.`, { details });
    if (error.code === 409)
      return new AppError("conflict", `Kubernetes could not ${doing}: it changed meanwhile.`, { details });
    return new AppError("unavailable", `Kubernetes could not ${doing}: ${why}.`, { details, cause: error });
  }
  if (timedOut) {
    return new AppError("unavailable", `Kubernetes did not answer in time when asked to ${doing}.`, { cause: error });
  }
  if (error instanceof Error && error.name === "AbortError") return error;
  const code = networkCode(error);
  const tls = /CERT|SIGNATURE|ALTNAME|SSL|TLS/.test(code);
  return new AppError(
    "unavailable",
    tls
      ? `Kubernetes could not ${doing}: its certificate is not the one that the kubeconfig expects.`
      : `Kubernetes could not ${doing}: its API cannot be reached.`,
    { details: shownText(errorMessage(error)), cause: error },
  );
}
