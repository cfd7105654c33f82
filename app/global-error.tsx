"use client";

import "./globals.css";

/** Shown when not even the frame could be drawn. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Ichor</title>
        <main className="flex min-h-dvh flex-col items-center justify-center gap-3 p-4 text-center">
          <h1 className="text-lg font-semibold">The console could not be shown</h1>
          <p className="text-muted">
            Nothing was changed on any node. The server&apos;s log has the reason
            {error.digest && ` under ${error.digest}`}.
          </p>
          <button
            type="button"
            onClick={reset}
            className="rounded-md border border-line-strong px-3 py-1.5 font-medium"
          >
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
