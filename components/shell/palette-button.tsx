"use client";

import { Search } from "lucide-react";
import { Kbd } from "@/components/ui/kbd";
import { openPalette } from "./shell-store";

export function PaletteButton() {
  return (
    <button
      type="button"
      onClick={openPalette}
      aria-keyshortcuts="Control+K Meta+K"
      className="flex size-8 items-center justify-center gap-2 rounded-md border bg-surface text-muted transition-colors hover:border-line-strong md:w-65 md:justify-start md:px-2.5"
    >
      <Search aria-hidden className="size-4 shrink-0" />
      <span className="sr-only flex-1 truncate text-left md:not-sr-only">Find a node, a GPU, an action</span>
      <span aria-hidden className="hidden md:block">
        <Kbd>⌘K</Kbd>
      </span>
    </button>
  );
}
