"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { callOperation } from "@/lib/api/actions";
import type { InputOf, OperationName, OutputOf } from "@/lib/api/operations";
import { withProof } from "./ask-proof";
import { loadToast } from "@/components/ui/load-toast";
import type { AppErrorCode } from "@/lib/core/errors";
import { paths } from "@/lib/core/paths";

export type OperationFailure = {
  code: AppErrorCode;
  message: string;
  hint?: string;
  fields?: Record<string, string>;
  details?: string;
  requestId?: string;
};
export type OperationOutcome<T> = { ok: true; data: T } | { ok: false; error: OperationFailure };

export type OperationOptions<T> = {
  /** What to tell when it is done, with where to see it. Null tells nothing. */
  done?: (data: T) => { title: string; description?: string; href?: string; linkLabel?: string } | null;
  onDone?: (data: T) => void;
  /** `inline` keeps the error in `error` for the dialog or form to show; `toast` shows it there. Never both. */
  errors?: "inline" | "toast";
};

const unreachable: OperationFailure = {
  code: "unavailable",
  message: "The console could not be reached, so it is not known whether this was done.",
  hint: "Check the connection, look at the node, and try again.",
};

/**
 * One operation of the console for a component: `run(input)` sends it, `pending` while it is on its way, `error` once.
 * Input and output are typed by its name. Never throws; the outcome is also returned.
 */
export function useOperation<N extends OperationName>(name: N, options: OperationOptions<OutputOf<N>> = {}) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<OperationFailure | null>(null);
  const latest = useRef(options);
  const router = useRouter();
  useEffect(() => {
    latest.current = options;
  });

  const run = useCallback(
    async (input: InputOf<N>): Promise<OperationOutcome<OutputOf<N>>> => {
      setPending(true);
      setError(null);
      const call = (): Promise<OperationOutcome<OutputOf<N>>> =>
        callOperation(name, input).catch(() => ({ ok: false, error: unreachable }));
      const outcome = await withProof(call);
      setPending(false);
      const { done, onDone, errors = "inline" } = latest.current;
      if (!outcome.ok) {
        const { message, hint } = outcome.error;
        const toast = errors === "inline" ? null : await loadToast();
        // Never silent: what cannot be told in a toast stands where the operation was asked for.
        if (!toast) setError(outcome.error);
        const signIn = {
          label: "Sign in",
          onClick: () => router.push(paths.signIn(location.pathname + location.search)),
        };
        const action = outcome.error.code === "unauthenticated" ? signIn : undefined;
        toast?.error(message, { description: hint, duration: Infinity, closeButton: true, action });
        return outcome;
      }
      const said = done?.(outcome.data);
      if (said) {
        const { title, description, href, linkLabel } = said;
        (await loadToast())?.success(title, {
          description,
          action: href ? { label: linkLabel ?? "View", onClick: () => router.push(href) } : undefined,
        });
      }
      onDone?.(outcome.data);
      return outcome;
    },
    [name, router],
  );
  const reset = useCallback(() => setError(null), []);
  return { run, pending, error, reset };
}
