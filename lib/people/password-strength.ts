import { commonPieces } from "./common-passwords";

/** So many characters must be left once everything that guessers try first is taken out. */
const leastOwnCharacters = 7;
const leastDifferent = 5;

const lookAlikes: Record<string, string> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};
const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
const unmasked = (text: string): string => text.replace(/[013457@$!]/g, (char) => lookAlikes[char] ?? char);

const rows = [
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
  "1234567890",
  "abcdefghijklmnopqrstuvwxyz",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
  "1q2w3e4r5t6y7u8i9o0p",
];
const walks = rows.flatMap((row) => [row, [...row].reverse().join("")]).map((row) => row + row);

/** Takes out what goes along a row of keys, the alphabet or the digits for four characters or more. */
function withoutWalks(text: string): string {
  let left = "";
  for (let at = 0; at < text.length;) {
    let length = 0;
    for (const walk of walks)
      while (walk.includes(text.slice(at, at + length + 1)) && at + length < text.length) length += 1;
    if (length < 4) left += text[at];
    at += length < 4 ? 1 : length;
  }
  return left;
}

/** One of what is written several times in a row: `abcabc` is `abc`. */
const withoutRepeats = (text: string): string => text.replace(/(.+?)\1+/gu, "$1");

/** What is left of a password without the pieces that it shares with the commonest ones. */
function ownPart(password: string, pieces: readonly string[]): string {
  let left = withoutWalks(password);
  for (const piece of pieces) left = left.replaceAll(piece, "");
  // Years, and signs between words or at the ends, are everybody's.
  return withoutRepeats(left.replace(/(19|20)\d\d/g, "")).replace(/[\s\p{P}\p{S}]+|\d+$/gu, "");
}

/**
 * Why a password would be guessed soon, as a sentence; null where it would not. Judged without a dictionary of whole passwords: words,
 * rows of keys, years, repetitions and the names around it are taken out, and something of its own has to be left.
 * @param context names that belong to the account, the server and its address.
 */
export function weaknessOf(password: string, context: readonly string[]): string | null {
  const names = context.map(plain).filter((word) => word.length >= 3);
  const pieces = [...names, ...commonPieces].sort((left, right) => right.length - left.length);
  // Read as typed, with signs taken for the letters that they stand for, and in one word: the weakest reading counts.
  const readings = [plain(password), unmasked(plain(password))];
  for (const reading of [...readings, ...readings.map((text) => text.replace(/[\s\p{P}\p{S}]+/gu, ""))]) {
    const own = ownPart(reading, pieces);
    if (own.length < leastOwnCharacters || new Set(own).size < leastDifferent)
      return "This is among the first that are guessed: it is made of common words, rows of keys, or names of this place. Use some words of your own.";
  }
  return null;
}
