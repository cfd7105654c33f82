"use client";

import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react";
import { Toaster as Sonner } from "sonner";
import { Spinner } from "./spinner";

/** One polite live region for the whole console. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      offset={16}
      style={{ fontFamily: "inherit" }}
      icons={{
        success: <CircleCheck aria-hidden className="size-4 text-ok" />,
        error: <CircleX aria-hidden className="size-4 text-bad" />,
        warning: <TriangleAlert aria-hidden className="size-4 text-warn" />,
        info: <Info aria-hidden className="size-4 text-info" />,
        loading: <Spinner className="text-info" />,
      }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-2.5 rounded-lg border border-line-strong bg-surface p-3 text-sm text-fg shadow-float",
          icon: "mt-0.5 shrink-0",
          content: "min-w-0 flex-1",
          title: "font-medium",
          description: "text-muted",
          actionButton: "shrink-0 rounded-md px-1.5 font-medium text-accent hover:underline",
          closeButton: "order-last shrink-0 text-muted hover:text-fg",
        },
      }}
    />
  );
}
