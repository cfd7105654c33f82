import { parseTalosRelease } from "@/lib/gpu/talos-release";

type Parts = { numbers: readonly number[]; pre: readonly string[] };

function partsOf(tag: string): Parts {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?/.exec(tag);
  if (!match) return { numbers: [0, 0, 0], pre: [] };
  return { numbers: match.slice(1, 4).map(Number), pre: match[4]?.split(".") ?? [] };
}

const numeric = (text: string): boolean => /^\d+$/.test(text);

function comparePre(a: string, b: string): number {
  if (numeric(a) && numeric(b)) return Number(a) - Number(b);
  if (numeric(a) !== numeric(b)) return numeric(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of two tags, `v1.13.4` against `v1.14.0-rc.1`, as semantic versions (semver.org, 11). Small, since pages load it. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  // A release comes after its own pre-releases.
  if (one.pre.length === 0 || other.pre.length === 0) return Math.sign(other.pre.length - one.pre.length);
  for (let index = 0; index < Math.min(one.pre.length, other.pre.length); index++) {
    const order = comparePre(one.pre[index] ?? "", other.pre[index] ?? "");
    if (order !== 0) return Math.sign(order);
  }
  return Math.sign(one.pre.length - other.pre.length);
}

export const isPreRelease = (tag: string): boolean => partsOf(tag).pre.length > 0;

/** Is it a final release of Talos 1? */
export const isStable = (tag: string): boolean => parseTalosRelease(tag) !== null && !isPreRelease(tag);
