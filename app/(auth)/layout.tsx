import type { ReactNode } from "react";
import { Mark } from "@/components/shell/brand";
import { PulseLine } from "@/components/ui/pulse-line";

/** One card in the middle: before anyone is let in there is nothing else to see. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 p-4">
      <div className="flex flex-col items-center gap-3">
        <Mark className="size-11" />
        <PulseLine live className="w-28 opacity-80" />
      </div>
      <div className="w-full max-w-sm rounded-lg border bg-surface p-6">{children}</div>
    </main>
  );
}
