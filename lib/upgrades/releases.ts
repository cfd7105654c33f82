/** Last stable patch of each Talos minor as of 2026-08, for when the image factory cannot be asked. */
const lastPatch: Readonly<Record<number, number>> = { 9: 6, 10: 9, 11: 6, 12: 11, 13: 9, 14: 0 };

/** Every stable release of the minors that Ichor knows, ascending. */
export const knownReleases: readonly string[] = Object.entries(lastPatch).flatMap(([minor, patch]) =>
  Array.from({ length: patch + 1 }, (_, index) => `v1.${minor}.${index}`),
);
