import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import type { OperationFailure } from "./use-operation";

/** The one report of an operation's failure: what happened, what to do, and the technical text behind a fold. */
export function OperationError({ error, className }: { error: OperationFailure | null; className?: string }) {
  if (!error) return null;
  return (
    <Notice tone="bad" title={error.message} live className={className}>
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
