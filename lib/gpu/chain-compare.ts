import type { CardComparison, CardReading, LinkChange, LinkComparison, LinkReading } from "./chain-schema";
import { driversForCard } from "./drivers";
import { linkTitles } from "./proof-chain";
import type { ProofLinkId } from "./schema";

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** Each card of the first reading with its own in the second: by address, else another one of the same kind. */
export function matchCards(
  before: readonly CardReading[],
  after: readonly CardReading[],
): { pairs: { before: CardReading; after: CardReading | null }[]; added: CardReading[] } {
  const left = [...after];
  const take = (fits: (card: CardReading) => boolean): CardReading | null => {
    const at = left.findIndex(fits);
    return at < 0 ? null : (left.splice(at, 1)[0] ?? null);
  };
  const same = before.map((card) => take(({ pciAddress, ids }) => pciAddress === card.pciAddress && ids === card.ids));
  // A card that was added or taken out shifts the addresses of the others.
  const pairs = before.map((card, index) => ({
    before: card,
    after: same[index] ?? take(({ ids }) => ids === card.ids),
  }));
  return { pairs, added: left };
}

/** What the new image does with a card's driver. */
export type ImageChange = {
  /** Extensions of the image that ran, and of the one that runs now; null where the document is not held. */
  before: readonly string[] | null;
  after: readonly string[] | null;
};

type Choice = "given-up" | "brought" | null;
/** The links that come of a driver in the image. */
const ofDriver: ReadonlySet<ProofLinkId> = new Set(["schematic", "extensions", "modules", "driver", "device-nodes"]);

function choiceOf(card: CardReading, image: ImageChange): Choice {
  if (image.before === null || image.after === null) return null;
  const had = driversForCard(card, image.before).length > 0;
  const has = driversForCard(card, image.after).length > 0;
  return had && !has ? "given-up" : !had && has ? "brought" : null;
}

type Context = {
  choice: Choice;
  /** Judged by the same driver both times: then each part of it can be held against itself. */
  sameDriver: boolean;
  /** Nothing was read before, as opposed to a card that was not there. */
  neverRead: boolean;
};

const goneOf = (before: LinkReading | null, after: LinkReading, { sameDriver }: Context): string[] =>
  sameDriver ? (before?.held ?? []).filter((name) => !after.held.includes(name)) : [];

function changeOf(before: LinkReading | null, after: LinkReading, context: Context): LinkChange {
  const { choice } = context;
  const holds = after.state === "proven";
  const gone = goneOf(before, after, context);
  if (before?.state === "proven" || gone.length > 0) {
    if (after.state === "unknown") return "unread";
    if (holds && gone.length === 0) return "kept";
    if (choice === "given-up" && (ofDriver.has(after.id) || after.id === "allocatable")) return "given-up";
    // A profile that was taken off is a choice of people.
    if (after.state === "not-applicable" && gone.length === 0) return "given-up";
    return "lost";
  }
  if (holds) return before?.state === "broken" ? "gained" : "none";
  if (after.state !== "broken") return "none";
  const unknown = before === null ? context.neverRead : before.state === "unknown";
  // Kubernetes' part is no part of the image: its device plugin may never have been there.
  if (ofDriver.has(after.id) && (choice === "brought" || unknown)) return "not-brought";
  return before === null ? "none" : "still-broken";
}

function sentence(change: LinkChange, before: LinkReading | null, after: LinkReading, gone: readonly string[]): string {
  const was = gone.length > 0 ? list.format(gone) : (before?.evidence ?? "");
  switch (change) {
    case "lost":
      return `${was} before, now ${gone.length > 0 && after.state === "proven" ? `${list.format(gone)} is missing` : after.evidence}.`;
    case "unread":
      return `${was} before; now ${after.evidence}.`;
    case "given-up":
      return `${was} before; the new image leaves it out.`;
    case "gained":
      return `${after.evidence}; before, ${before?.evidence ?? "not known"}.`;
    case "still-broken":
      return `${after.evidence}, as before.`;
    case "not-brought":
      return before?.state === "broken" || before?.state === "not-applicable"
        ? `The new image brings the driver: ${after.evidence}.`
        : `${after.evidence}; what it was before could not be read.`;
    case "kept":
    case "none":
      return "";
  }
}

const side = (link: LinkReading | null) => link && { state: link.state, evidence: link.evidence };

function compareLink(before: LinkReading | null, after: LinkReading, context: Context): LinkComparison {
  const change = changeOf(before, after, context);
  const detail = sentence(change, before, after, goneOf(before, after, context)).slice(0, 2_000);
  return { id: after.id, title: linkTitles[after.id], change, before: side(before), after: side(after), detail };
}

/** Changes that leave an upgrade unproven. */
export const unproven: ReadonlySet<LinkChange> = new Set(["lost", "unread", "not-brought"]);

/**
 * Holds a node's cards after an upgrade against what they were before. Whatever held and does not hold any more is lost, unless
 * the new image leaves the driver out, as its plan has said. A card that is not found again has lost its first link; of the
 * others nothing can be said. `linesOf` gives the kernel's lines of a card. Pure.
 */
export function compareCards(
  before: readonly CardReading[] | null,
  after: readonly CardReading[],
  image: ImageChange,
  linesOf: (card: CardReading) => string[],
): CardComparison[] {
  const { pairs, added } = matchCards(before ?? [], after);
  const compared = (was: CardReading | null, now: CardReading): CardComparison => {
    const context = {
      choice: choiceOf(now, image),
      sameDriver: was !== null && was.driver === now.driver,
      neverRead: before === null,
    };
    const links = now.links.map((link) =>
      compareLink(was?.links.find(({ id }) => id === link.id) ?? null, link, context),
    );
    const worst = links.find(({ change }) => unproven.has(change));
    const remedy = now.links.find(({ id }) => id === worst?.id)?.remedy ?? null;
    const { pciAddress, vendor, model } = now;
    return { pciAddress, vendor, model, links, remedy, lines: worst ? linesOf(now) : [] };
  };
  const gone = (was: CardReading): CardComparison => ({
    pciAddress: was.pciAddress,
    vendor: was.vendor,
    model: was.model,
    links: was.links.map((link) => ({
      id: link.id,
      title: linkTitles[link.id],
      change: link.id === "pci" ? "lost" : "none",
      before: side(link),
      after: link.id === "pci" ? { state: "broken", evidence: "not on the bus" } : null,
      detail: link.id === "pci" ? `${was.pciAddress} is not on the PCI bus any more.` : "",
    })),
    lines: linesOf(was),
    remedy: {
      sentence: "Check that it has power and sits well, then boot the node again.",
      action: { kind: "none" },
    },
  });
  return [
    ...pairs.map((pair) => (pair.after ? compared(pair.before, pair.after) : gone(pair.before))),
    ...added.map((card) => compared(null, card)),
  ];
}
