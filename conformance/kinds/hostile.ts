import type { Random } from "../random";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Words that some YAML takes for something else than text, or that need quotes for their shape. */
const words =
  "on off yes no y n ~ null true 0x1f 0o17 017 09 0b11 1_000 1e3 .5 1. 1:20 2024-01-01 2024-02-30 << = - ? : --- ... -0 +1 -.inf .nan 0.0 a 1.2.3.4 10.0.0.0/8 0000:04:00.00 18446744073709551615 18446744073709551616 +.5 _1 1_ 0_7 #x %x @x `x {x} [x] *x &x !x |x >x 0x 1e999 12e03 2001-12-14t21:59:43.10-05:00 0b12 +0x1f 0o8 é \u{1F600} 'q' \"q\"".split(
    " ",
  );
const phrases = [
  "2024-01-01 01:02:03",
  "key: v",
  "a #b",
  "http://x:80/",
  "\t",
  "\u0007",
  "  ",
  "- a",
  ", ",
  "\u00a0",
  "two\nlines\n",
  "\n\nlead",
  "trail  \n",
  "",
];
const characters = [
  "a",
  "b",
  "1",
  "0",
  " ",
  "\n",
  ":",
  "#",
  "-",
  "_",
  ".",
  "x",
  "e",
  "+",
  "\t",
  "'",
  '"',
  "é",
  "T",
  "Z",
];

/** Text that a YAML writer gets wrong if it can. Without CR, NEL, LS, PS and BOM, which no field of Talos holds. */
export function hostileText(random: Random): string {
  const draw = random.next();
  if (draw < 0.35) return random.pick(words);
  if (draw < 0.45) return random.pick(phrases);
  if (draw < 0.55) return random.pick(words) + random.pick(phrases);
  const drawn = random.list(9, () => random.pick(characters)).join("");
  return draw > 0.97 ? drawn.repeat(40) : drawn;
}

/**
 * A key of a map. go-yaml orders keys by the numbers in them, and a number of more than 18 digits runs over there: with it the order is no
 * order any more, and Go writes the same map in different ways.
 */
export const hostileKey = (random: Random): string =>
  hostileText(random).replace(/\d{19,}/g, (digits) => digits.slice(0, 18));

/** A value with maps and lists up to `depth` deep. */
export function hostileValue(random: Random, depth: number): Json {
  const draw = random.next();
  if (depth > 0 && draw < 0.2) return random.list(3, () => hostileValue(random, depth - 1));
  if (depth > 0 && draw < 0.5)
    return Object.fromEntries(random.list(3, () => [hostileKey(random), hostileValue(random, depth - 1)]));
  if (draw < 0.55) return null;
  if (draw < 0.62) return random.chance(0.5);
  if (draw < 0.72) return random.below(1_000_000);
  return hostileText(random);
}
