import type { ReactNode } from "react";
import { LiveBanner } from "@/components/live/live-banner";
import { OfflineGuard } from "@/components/live/offline-guard";
import { LiveProvider } from "@/components/live/live-provider";
import { ProofGate } from "@/components/operation/proof-gate";
import { RoleProvider } from "@/components/operation/role-context";
import { LazyToaster } from "@/components/ui/lazy-toaster";
import { TooltipProvider } from "@/components/ui/tooltip";
import { RenderedAtProvider } from "@/components/ui/use-now";
import type { Role } from "@/lib/auth/role";
import { Brand } from "./brand";
import { Header } from "./header";
import { NavList } from "./nav-list";
import { ShellKeys } from "./shell-keys";

export type ShellProps = {
  user: { name: string; role: Role };
  /** When the server drew the page. */
  renderedAtMs: number;
  children: ReactNode;
};

/** The frame around every page of the console. */
export function Shell({ user, renderedAtMs, children }: ShellProps) {
  return (
    <RenderedAtProvider atMs={renderedAtMs}>
      <LiveProvider>
        <RoleProvider role={user.role}>
          <TooltipProvider delayDuration={400}>
            <a
              href="#main"
              className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent px-3 py-1.5 font-medium text-on-accent focus:translate-y-0"
            >
              Skip to the page
            </a>
            <div className="flex min-h-dvh">
              <aside className="sticky top-0 hidden h-dvh w-53 shrink-0 flex-col gap-2 overflow-y-auto border-r p-2.5 lg:flex">
                <Brand className="mt-1" />
                <NavList />
              </aside>
              <div className="flex min-w-0 flex-1 flex-col">
                <Header user={user} />
                <main
                  id="main"
                  tabIndex={-1}
                  className="mx-auto w-full max-w-[1680px] flex-1 p-4 outline-none md:p-5.5"
                >
                  <LiveBanner />
                  {children}
                </main>
              </div>
            </div>
            <OfflineGuard />
            <ProofGate />
            <ShellKeys />
            <LazyToaster />
          </TooltipProvider>
        </RoleProvider>
      </LiveProvider>
    </RenderedAtProvider>
  );
}
