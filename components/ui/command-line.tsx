import { CopyButton } from "./copy-button";
import { cn } from "./cn";

/** Shell lines that do the same as a button, with a copy button. */
export function CommandLine({ lines, className }: { lines: string[]; className?: string }) {
  return (
    <div className={cn("flex items-start gap-2 rounded-md bg-canvas py-1 pr-1 pl-2.5", className)}>
      <code className="min-w-0 flex-1 py-0.5 text-xs leading-5 wrap-anywhere text-muted">
        {lines.map((line, index) => (
          <span key={index} className="block">
            {line}
          </span>
        ))}
      </code>
      <CopyButton text={lines.join("\n")} label={lines.length === 1 ? "Copy command" : "Copy commands"} />
    </div>
  );
}
