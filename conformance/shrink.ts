import type { Json } from "./kinds/hostile";

/** Smaller values than this one, the boldest cuts first. */
function* smaller(value: Json): Generator<Json> {
  if (typeof value === "string") {
    const lines = value.split("\n");
    if (lines.length > 2) for (const at of lines.keys()) yield lines.filter((_, index) => index !== at).join("\n");
    if (value.length > 1) {
      yield value.slice(0, value.length / 2);
      yield value.slice(value.length / 2);
      if (value.length < 200)
        for (let at = 0; at < value.length; at += 1) yield value.slice(0, at) + value.slice(at + 1);
    }
  } else if (Array.isArray(value)) {
    for (const at of value.keys()) yield value.filter((_, index) => index !== at);
    for (const [at, item] of value.entries())
      for (const cut of smaller(item)) yield value.map((other, index) => (index === at ? cut : other));
  } else if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value))
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const [key, item] of Object.entries(value)) for (const cut of smaller(item)) yield { ...value, [key]: cut };
  }
}

/**
 * The smallest case that still fails, as far as single cuts lead to it within `tries`. A case is plain JSON; `fails` answers
 * false for one that is no case any more.
 */
export async function shrink<Case>(
  failing: Case,
  fails: (candidate: Case) => Promise<boolean>,
  tries = 1_500,
): Promise<Case> {
  let best = failing;
  let left = tries;
  for (let cut = true; cut && left > 0;) {
    cut = false;
    for (const candidate of smaller(best as Json)) {
      left -= 1;
      if (left <= 0) break;
      if (!(await fails(candidate as Case).catch(() => false))) continue;
      best = candidate as Case;
      cut = true;
      break;
    }
  }
  return best;
}
