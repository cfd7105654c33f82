"use client";

import { type RefObject, useEffect } from "react";
import { isTyping, useSingleKeys } from "@/components/shell/single-keys";

/** `j` and `k` go through the rows' links, `x` ticks the row; Enter follows the link by itself. */
export function useRowKeys(container: RefObject<HTMLElement | null>): void {
  const on = useSingleKeys();
  useEffect(() => {
    if (!on) return;
    const onKey = (event: KeyboardEvent) => {
      if (!["j", "k", "x"].includes(event.key) || isTyping(event)) return;
      const rows = [...(container.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      if (event.key === "x") return rows[at]?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
      const row = rows[event.key === "j" ? at + 1 : Math.max(0, at - 1)];
      row?.querySelector<HTMLElement>("[data-row-link]")?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [container, on]);
}
