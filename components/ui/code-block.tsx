import { cn } from "./cn";
import { CopyButton } from "./copy-button";

export type CodeBlockProps = {
  text: string;
  /** What it is, for a screen reader and the copy button: `machine config`. */
  label: string;
  className?: string;
  /** With a line number before each line. */
  numbered?: boolean;
};

/** Text to read as it is: scrolls inside itself, by keyboard too. */
export function CodeBlock({ text, label, className, numbered }: CodeBlockProps) {
  const lines = numbered ? text.replace(/\n$/, "").split("\n") : null;
  return (
    <div className="relative">
      <CopyButton text={text} label={`Copy ${label}`} className="absolute top-1.5 right-1.5 bg-canvas" />
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={cn("max-h-[32rem] overflow-auto rounded-md bg-canvas p-3 pr-10 text-xs leading-5", className)}
      >
        {lines
          ? lines.map((line, index) => (
              <span key={index} className="block">
                <span aria-hidden className="mr-4 inline-block w-8 text-right text-faint select-none">
                  {index + 1}
                </span>
                {line}
              </span>
            ))
          : text}
      </pre>
    </div>
  );
}
