"use client";

import dynamic from "next/dynamic";
import { usePathname, useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { allSections } from "./sections";
import { openPalette, openShortcuts, useShellDialog } from "./shell-store";
import { isTyping, useSingleKeys } from "./single-keys";

const Palette = dynamic(() => import("./palette"), { ssr: false });
const ShortcutsDialog = dynamic(() => import("./shortcuts-dialog"), { ssr: false });
const sequenceMs = 1_200;

/** The console's keys and the dialogs behind them, loaded when first asked for. */
export function ShellKeys() {
  const router = useRouter();
  const dialog = useShellDialog();
  const singleKeys = useSingleKeys();
  useFocusOnNavigation();

  useEffect(() => {
    let goUntilMs = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return openPalette();
      }
      if (!singleKeys || isTyping(event)) return;
      if (event.timeStamp < goUntilMs) {
        goUntilMs = 0;
        const section = allSections.find(({ key }) => key === event.key);
        if (!section) return;
        event.preventDefault();
        return router.push(section.href);
      }
      if (event.key === "g") goUntilMs = event.timeStamp + sequenceMs;
      else if (event.key === "?") openShortcuts();
      else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("main input[data-search]");
        if (!search) return;
        event.preventDefault();
        search.focus();
        search.select();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, singleKeys]);

  return (
    <>
      {dialog === "palette" && <Palette />}
      {dialog === "shortcuts" && <ShortcutsDialog />}
    </>
  );
}

/** After a navigation the reader starts at the new page's `h1`, unless focus already moved into the page. */
function useFocusOnNavigation(): void {
  const pathname = usePathname();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    const active = document.activeElement;
    // A tab that was pressed keeps its place: the page's heading did not change.
    if (active && active !== document.body && active.closest("main nav")) return;
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [pathname]);
}
