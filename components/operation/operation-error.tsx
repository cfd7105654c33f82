"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { Disclosure } from "@/components/ui/disclosure";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { paths } from "@/lib/core/paths";
import type { OperationFailure } from "./use-operation";

/** The way to sign in again and come back to this page. */
function SignInAgain() {
  const search = useSearchParams().toString();
  const pathname = usePathname();
  return (
    <ButtonLink size="sm" href={paths.signIn(search ? `${pathname}?${search}` : pathname)}>
      Sign in
    </ButtonLink>
  );
}

/** The one report of an operation's failure: what happened, what to do, and the technical text behind a fold. */
export function OperationError({ error, className }: { error: OperationFailure | null; className?: string }) {
  if (!error) return null;
  return (
    <Notice
      tone="bad"
      title={error.message}
      live
      className={className}
      action={error.code === "unauthenticated" && <SignInAgain />}
    >
      {error.hint && <p>{error.hint}</p>}
      {(error.details || error.requestId) && (
        <Disclosure label="Details" className="mt-1">
          <div className="font-mono text-xs wrap-anywhere whitespace-pre-wrap">
            {error.details}
            {error.requestId && <p>Request {error.requestId}</p>}
          </div>
        </Disclosure>
      )}
    </Notice>
  );
}
