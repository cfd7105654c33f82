import { CopyButton } from "@/components/ui/copy-button";
import type { MediaLink } from "@/lib/boot/schema";

/** Boot media, each with what it is for, its address and a copy button. */
export function MediaList({ links }: { links: readonly MediaLink[] }) {
  return (
    <ul className="divide-y border-t">
      {links.map((link) => (
        <li key={link.id} className="flex items-center gap-3 px-3.5 py-2">
          <div className="min-w-0 flex-1 lg:grid lg:grid-cols-[20rem_1fr] lg:items-center lg:gap-4">
            <div className="min-w-0">
              <p className="font-medium">{link.title}</p>
              <p className="text-xs text-muted">{link.description}</p>
            </div>
            {link.kind === "download" ? (
              <a
                href={link.value}
                rel="noreferrer"
                className="block min-w-0 truncate py-0.5 font-mono text-xs underline decoration-line-strong underline-offset-3 hover:decoration-current"
              >
                {link.value}
              </a>
            ) : (
              <code className="block min-w-0 truncate py-0.5 text-xs">{link.value}</code>
            )}
          </div>
          <CopyButton text={link.value} label={`Copy ${link.title}`} />
        </li>
      ))}
    </ul>
  );
}
