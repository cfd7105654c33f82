/** A Talos release; pre-releases count as the release that they lead to. */
export type TalosRelease = { minor: number; patch: number; tag: string };

/** Minors of Talos 1 whose extensions, drivers and documents Ichor knows. */
export const firstKnownMinor = 9;
export const lastKnownMinor = 14;

/**
 * Reads `v1.13.4`, `1.13.4`, `v1.14.0-rc.1` or `1.13` (then: the newest patch). Null for anything else, Talos 2 included.
 */
export function parseTalosRelease(text: string): TalosRelease | null {
  const match = /^v?1\.(\d{1,3})(?:\.(\d{1,3})(-[0-9A-Za-z.-]{1,40})?)?$/.exec(text.trim());
  if (!match) return null;
  const patch = match[2];
  return {
    minor: Number(match[1]),
    patch: patch === undefined ? Number.MAX_SAFE_INTEGER : Number(patch),
    tag: patch === undefined ? `v1.${match[1]}` : `v1.${match[1]}.${patch}${match[3] ?? ""}`,
  };
}

/** In which minors of Talos 1 something exists: from the first one on, until the one where it is gone (exclusive). */
export type TalosRange = { from?: number | undefined; until?: number | undefined };

export const inRange = (minor: number, range: TalosRange | undefined): boolean =>
  minor >= (range?.from ?? 0) && minor < (range?.until ?? Number.POSITIVE_INFINITY);

/** `1.13 and later`, `1.9 to 1.12`. */
export function rangeText(range: TalosRange | undefined): string {
  const from = range?.from ?? firstKnownMinor;
  return range?.until === undefined ? `1.${from} and later` : `1.${from} to 1.${range.until - 1}`;
}
