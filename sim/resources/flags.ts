/** The flags of a link (Linux IFF_*), and their names as Talos writes them, lowest bit first. */
export const linkFlags = {
  UP: 1 << 0,
  BROADCAST: 1 << 1,
  LOOPBACK: 1 << 3,
  RUNNING: 1 << 6,
  MULTICAST: 1 << 12,
  LOWER_UP: 1 << 16,
} as const;

/** The flags of an address (Linux IFA_F_*). */
export const addressFlags = { permanent: 1 << 7 } as const;

/** The names of the bits that are set. */
export const flagsText = (names: Readonly<Record<string, number>>, flags: number): string =>
  Object.entries(names)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name)
    .join(",");
