"use client";

import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import { useNow } from "@/components/ui/use-now";
import { paths } from "@/lib/core/paths";
import { placeOf } from "@/lib/inventory/remedies/place";
import type { NodeView } from "@/lib/inventory/schema";

/** `42:05` until then. */
function countdown(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** On every page of a node that stays too long in a stage: what holds it, and when Talos reboots it. */
export function HeldBanner({ node }: { node: NodeView }) {
  const nowMs = useNow();
  const held = node.attention.filter(({ kind }) => kind === "held");
  const rebootsAtMs = node.passing?.late === "overdue" ? node.passing.rebootsAtMs : null;
  return held.map((item) => {
    const place = placeOf(item.remedy, node);
    return (
      <Notice
        key={item.remedy.kind + item.sentence.slice(0, 20)}
        tone={item.tone}
        title={item.sentence}
        live
        action={
          place &&
          place.href !== paths.node(node.id) && (
            <Link href={place.href} className="flex min-h-6 items-center font-medium text-accent hover:underline">
              {place.label}
            </Link>
          )
        }
      >
        <p>{item.remedy.sentence}</p>
        {rebootsAtMs !== null && (
          <p>
            {nowMs < rebootsAtMs ? (
              <>
                Talos reboots it in <span className="tabular font-medium">{countdown(rebootsAtMs - nowMs)}</span>,
                because its boot does not end.
              </>
            ) : (
              "Talos is due to reboot it, because its boot does not end."
            )}
          </p>
        )}
      </Notice>
    );
  });
}
