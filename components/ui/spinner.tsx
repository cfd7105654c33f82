import { LoaderCircle } from "lucide-react";
import { cn } from "./cn";

/** Only for what is on its way; the text beside it says what. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn("size-4 shrink-0 animate-spin", className)} />;
}
