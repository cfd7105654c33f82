import { CircleCheck, Minus } from "lucide-react";
import { Disclosure } from "@/components/ui/disclosure";
import { ProofStrip, proofWords } from "@/components/ui/proof-strip";
import { StatusMark } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import { VendorChip } from "@/components/ui/vendor-chip";
import type { CardComparison, LinkChange, LinkComparison } from "@/lib/gpu/chain-schema";

const looks: Record<LinkChange, { tone: Tone; words: string }> = {
  kept: { tone: "ok", words: "holds as before" },
  gained: { tone: "ok", words: "better than before" },
  lost: { tone: "bad", words: "lost" },
  unread: { tone: "bad", words: "not known any more" },
  "not-brought": { tone: "bad", words: "does not hold" },
  "still-broken": { tone: "warn", words: "broken as before" },
  "given-up": { tone: "warn", words: "left out by the new image" },
  none: { tone: "idle", words: "nothing to prove" },
};
const bad: ReadonlySet<LinkChange> = new Set(["lost", "unread", "not-brought"]);

type Side = LinkComparison["before"];
const sideText = (side: Side): string => (side === null ? "not read" : side.evidence || proofWords[side.state]);
const steps = (links: readonly LinkComparison[], of: "before" | "after") =>
  links.map((link) => ({
    id: link.id,
    title: link.title,
    state: link[of]?.state ?? ("not-reached" as const),
    evidence: link[of]?.evidence ?? "",
  }));

function Link({ link }: { link: LinkComparison }) {
  const { tone, words } = looks[link.change];
  const icon = tone === "ok" ? CircleCheck : link.change === "none" ? Minus : undefined;
  const same = sideText(link.before) === sideText(link.after);
  return (
    <li className="grid gap-x-4 gap-y-0.5 py-1.5 sm:grid-cols-[minmax(9rem,4fr)_minmax(0,6fr)]">
      <span className="flex min-w-0 items-baseline gap-1.5">
        <span className="self-start pt-0.75">
          <StatusMark tone={tone} icon={icon} />
        </span>
        <span className="min-w-0">{link.title}</span>
        <span className="sr-only">: {words}</span>
      </span>
      <span className="min-w-0 font-mono text-xs wrap-anywhere text-muted">
        {same ? (
          sideText(link.after)
        ) : (
          <>
            <span className="block">before: {sideText(link.before)}</span>
            <span className={bad.has(link.change) ? "block text-bad" : "block"}>now: {sideText(link.after)}</span>
          </>
        )}
      </span>
    </li>
  );
}

function Card({ card }: { card: CardComparison }) {
  const worst = card.links.find(({ change }) => bad.has(change));
  return (
    <li className="px-3.5 py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <VendorChip vendor={card.vendor}>{card.model}</VendorChip>
        <span className="font-mono text-xs text-muted">{card.pciAddress}</span>
        <span className="flex items-center gap-2 text-xs text-muted">
          before <ProofStrip steps={steps(card.links, "before")} />
          now <ProofStrip steps={steps(card.links, "after")} />
        </span>
      </div>
      <Disclosure label="Link by link" open={worst !== undefined} className="mt-1">
        <ul className="mt-1 divide-y">
          {card.links.map((link) => (
            <Link key={link.id} link={link} />
          ))}
        </ul>
      </Disclosure>
      {worst && (
        <div className="mt-2 space-y-1.5">
          <figure>
            <figcaption className="text-xs text-muted">The kernel log says</figcaption>
            <pre className="mt-0.5 text-xs leading-5 wrap-anywhere whitespace-pre-wrap text-muted">
              {card.lines.join("\n") || "nothing of the card or its driver"}
            </pre>
          </figure>
          {card.remedy && <p className="text-xs">{card.remedy.sentence}</p>}
        </div>
      )}
    </li>
  );
}

/** Each GPU's proof chain before the run and now; one that has lost a link shows which, and what the kernel says. */
export function CardProofs({ cards }: { cards: readonly CardComparison[] }) {
  if (cards.length === 0) return null;
  return (
    <section aria-label="GPUs, before and now" className="border-t">
      <h3 className="px-3.5 pt-3 font-semibold">GPUs, before and now</h3>
      <ul className="divide-y">
        {cards.map((card) => (
          <Card key={card.pciAddress} card={card} />
        ))}
      </ul>
    </section>
  );
}
