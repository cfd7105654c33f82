"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { cn } from "./cn";
import { type Tone, toneFill } from "./tone";

export type TabLink = {
  href: string;
  label: string;
  count?: number;
  /** A dot after the label, with what it means for those who do not see it. */
  alert?: { tone: Tone; label: string } | null;
};

/** Tabs that are pages: each has its URL, so they are links in a navigation, not an ARIA tablist. */
export function TabsNav({ tabs, label, className }: { tabs: TabLink[]; label: string; className?: string }) {
  const pathname = usePathname();
  const list = useRef<HTMLElement>(null);
  // Where not all tabs fit, the present one is the one to be seen.
  useEffect(() => {
    const shown = list.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (!list.current || !shown) return;
    const { offsetLeft, offsetWidth } = shown;
    list.current.scrollLeft = offsetLeft + offsetWidth / 2 - list.current.clientWidth / 2;
  }, [pathname]);
  return (
    <nav
      ref={list}
      aria-label={label}
      className={cn("relative -mx-4 overflow-x-auto border-b px-4 md:mx-0 md:px-0", className)}
    >
      <ul className="flex gap-5">
        {tabs.map((tab) => {
          const current = pathname === tab.href;
          return (
            <li key={tab.href}>
              <Link
                href={tab.href}
                aria-current={current ? "page" : undefined}
                className={cn(
                  "-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent whitespace-nowrap text-muted transition-colors hover:text-fg",
                  "focus-visible:outline-offset-[-2px]",
                  current && "border-accent text-fg",
                )}
              >
                {tab.label}
                {tab.count !== undefined && <span className="text-xs text-muted tabular">{tab.count}</span>}
                {tab.alert && (
                  <>
                    <span aria-hidden className={cn("size-1.5 rounded-full", toneFill[tab.alert.tone])} />
                    <span className="sr-only">({tab.alert.label})</span>
                  </>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
