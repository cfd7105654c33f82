"use client";

import { Card } from "@/components/ui/card";
import { ErrorState } from "@/components/ui/states";

/** The page failed; the frame and the stream go on. */
export default function ConsoleError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Card>
      <h1 className="sr-only">This page could not be shown</h1>
      <ErrorState
        title="This page could not be shown"
        message="Something failed on the server or in this page. Nothing was changed on any node."
        hint="Try again; if it stays, the server's log has the reason under this number."
        requestId={error.digest}
        onRetry={reset}
      />
    </Card>
  );
}
