"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { loadToast } from "@/components/ui/load-toast";
import { useLiveStatus } from "./status-store";

const answerMs = 4_000;

/** The address of a link of this console that a click would follow in this tab; null for any other click. */
export function followedHref(event: MouseEvent): string | null {
  const { button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented, target } = event;
  if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return null;
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
  if (!link || link.hasAttribute("download") || (link.target && link.target !== "_self")) return null;
  const { origin, pathname, search, hash } = new URL(link.href);
  return origin === location.origin ? pathname + search + hash : null;
}

const answers = (): Promise<boolean> =>
  fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(answerMs) }).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * While the stream is away, a link is followed only once the server answers: else the browser would leave the page, which still shows
 * what was last read, for its own error page.
 */
export function OfflineGuard() {
  const away = useLiveStatus(({ state, synced }) => synced && state === "reconnecting");
  const router = useRouter();
  useEffect(() => {
    if (!away) return;
    const guard = (event: MouseEvent) => {
      const href = followedHref(event);
      if (href === null) return;
      event.preventDefault();
      event.stopPropagation();
      void answers().then(async (there) => {
        if (there) return router.push(href);
        const toast = await loadToast();
        toast?.error("The console cannot be reached.", {
          id: "offline",
          description: "This page stays as it was last read. Try again when the connection is back.",
        });
      });
    };
    document.addEventListener("click", guard, { capture: true });
    return () => document.removeEventListener("click", guard, { capture: true });
  }, [away, router]);
  return null;
}
