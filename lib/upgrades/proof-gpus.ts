import { unproven } from "@/lib/gpu/chain-compare";
import type { CardComparison, LinkChange } from "@/lib/gpu/chain-schema";
import { driversIn, gpuDrivers } from "@/lib/gpu/drivers";
import type { ProofLinkId } from "@/lib/gpu/schema";
import type { PlanCheck } from "./schema";

export type Verdict = Omit<PlanCheck, "id" | "title">;
export const ok = (detail: string): Verdict => ({ state: "ok", detail });
export const warning = (detail: string): Verdict => ({ state: "warning", detail });
export const refused = (detail: string): Verdict => ({ state: "refused", detail });

/** `Arc A770 (0000:03:00.0 and 0000:04:00.0)`. */
function cardsText(cards: readonly CardComparison[]): string {
  const byModel = new Map<string, string[]>();
  for (const { model, pciAddress } of cards) byModel.set(model, [...(byModel.get(model) ?? []), pciAddress]);
  return [...byModel].map(([model, addresses]) => `${model} (${addresses.join(", ")})`).join("; ");
}

/** Cards of which a link tells the same become one sentence. */
function sentences(cards: readonly CardComparison[], id: ProofLinkId, changes: ReadonlySet<LinkChange>): string[] {
  const groups = new Map<string, CardComparison[]>();
  for (const card of cards) {
    const link = card.links.find((candidate) => candidate.id === id);
    if (!link || !changes.has(link.change)) continue;
    groups.set(link.detail, [...(groups.get(link.detail) ?? []), card]);
  }
  return [...groups].map(([detail, of]) => `${cardsText(of)}: ${detail}`);
}

const worthSaying: ReadonlySet<LinkChange> = new Set(["still-broken", "given-up"]);
const better: ReadonlySet<LinkChange> = new Set(["gained"]);

/** One link over all cards of a node: refused where one has lost it, said where it never held or is better now. */
export function linkVerdict(cards: readonly CardComparison[], id: ProofLinkId): Verdict {
  const lost = sentences(cards, id, unproven);
  if (lost.length > 0) return refused(lost.join(" "));
  const told = sentences(cards, id, worthSaying);
  const gained = sentences(cards, id, better);
  if (told.length > 0) return warning([...told, ...gained].join(" "));
  if (gained.length > 0) return ok(`Better than before. ${gained.join(" ")}`);
  const links = cards.flatMap(({ links: own }) => own.filter((link) => link.id === id));
  const [unread] = links.flatMap(({ after }) => (after?.state === "unknown" ? [after.evidence] : []));
  if (unread !== undefined) return warning(`${unread}, as before.`);
  const now = [...new Set(links.flatMap(({ after }) => (after?.state === "proven" ? [after.evidence] : [])))];
  return ok(now.length > 0 ? `As before: ${now.join("; ")}.` : "Nothing to prove.");
}

/** The modules of a node's GPUs. What is said of an image is only said where its extensions are known. */
export function moduleVerdict(cards: readonly CardComparison[], imageExtensions: readonly string[] | null): Verdict {
  if (cards.length === 0) return ok("It has no GPU that needs one.");
  const verdict = linkVerdict(cards, "modules");
  if (verdict.detail !== "Nothing to prove.") return verdict;
  if (imageExtensions === null) return warning("Which driver is part of the image is not known.");
  const drivers = driversIn(imageExtensions);
  return ok(
    drivers.length === 0
      ? "No driver is part of the image."
      : `The image has ${drivers.join(", ")}, which is for none of its cards.`,
  );
}

/** Every card that was there, and how many of each model. */
export function countVerdict(cards: readonly CardComparison[]): Verdict {
  const count = (of: readonly CardComparison[], model: string) => of.filter((card) => card.model === model).length;
  const was = (card: CardComparison) => card.links.some(({ id, before }) => id === "pci" && before !== null);
  const is = (card: CardComparison) => card.links.some(({ id, after }) => id === "pci" && after?.state === "proven");
  const [before, now] = [cards.filter(was), cards.filter(is)];
  const models = [...new Set(cards.map(({ model }) => model))];
  const fewer = models.filter((model) => count(now, model) < count(before, model));
  if (fewer.length > 0) {
    const missing = before.filter((card) => !is(card)).map(({ pciAddress }) => pciAddress);
    const counts = fewer.map((model) => `${count(now, model)} of ${count(before, model)} ${model}`);
    return refused(`On the PCI bus: ${counts.join(", ")}. Missing: ${missing.join(", ")}.`);
  }
  if (now.length === 0) return ok("It has none.");
  const told = models.map((model) => `${count(now, model)} ${model}`).join(", ");
  if (before.length === 0) return ok(`On the bus: ${told}.`);
  const more = models.some((model) => count(now, model) > count(before, model));
  return ok(`On the bus${more ? ", more than before" : ", as before"}: ${told}.`);
}

/** Allocatable resources by name. `wantsAfter` = what the device plugins have to register again. */
export function allocatableVerdict(
  before: Readonly<Record<string, number>> | null,
  now: Readonly<Record<string, number>> | null,
  whyUnknown: string,
  image: { before: readonly string[] | null; after: readonly string[] | null },
): Verdict {
  const had = Object.entries(before ?? {}).filter(([, count]) => count > 0);
  if (now === null) {
    return had.length > 0
      ? refused(`${had.map(([name, count]) => `${name}: ${count}`).join(", ")} before; now ${whyUnknown}`)
      : warning(whyUnknown);
  }
  // Another driver for the same cards offers them under another name.
  const driversOf = (extensions: readonly string[] | null) => (extensions === null ? [] : driversIn(extensions));
  const [old, next] = [driversOf(image.before), driversOf(image.after)];
  const replaced = (name: string): boolean => {
    const driver = old.find((candidate) => gpuDrivers[candidate].resources.test(name));
    return driver !== undefined && image.after !== null && !next.includes(driver);
  };
  const fewer = had.filter(([name, count]) => (now[name] ?? 0) < count && !replaced(name));
  if (fewer.length > 0)
    return refused(`${fewer.map(([name, count]) => `${name}: ${now[name] ?? 0} of ${count}`).join(", ")}.`);
  const all = Object.entries(now).map(([name, count]) => `${name}: ${count}`);
  return ok(all.length > 0 ? `${all.join(", ")}.` : "None, as before.");
}
