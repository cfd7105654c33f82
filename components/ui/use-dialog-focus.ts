"use client";

import { useRef } from "react";

const fields = "input:not([type=hidden]):not([tabindex='-1']), select, textarea";

/** What has focus; for an item of a menu that closes, the button of the menu. */
function presentFocus(): HTMLElement | null {
  const active = document.activeElement;
  const menu = active?.closest("[role=menu]");
  const button = menu && document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  return button ?? (active instanceof HTMLElement && active !== document.body ? active : null);
}

/**
 * Focus of a dialog that is opened from anywhere: in to its first field, where `toField` asks for that, and back to what
 * opened it. Radix gives it back to a trigger of its own only, and else drops it.
 */
export function useDialogFocus(toField = false) {
  const opener = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: (event: Event) => {
      opener.current = presentFocus();
      const field = toField && event.target instanceof HTMLElement && event.target.querySelector<HTMLElement>(fields);
      if (!field) return;
      event.preventDefault();
      field.focus();
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const back = opener.current?.isConnected ? opener.current : document.querySelector<HTMLElement>("main h1");
      back?.focus({ preventScroll: true });
    },
  };
}
