/** Between a number and its unit, so that a line never breaks there. */
const nbsp = "\u00a0";
const binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes for people, binary prefixes: `1.5 GiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(binary.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : trimZero(value.toFixed(1))}${nbsp}${binary[power]}`;
}

/** A rate for people: `12.3 MiB/s`. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** A share for people: `42 %`. */
export const formatPercent = (percent: number): string => `${Math.round(percent)}${nbsp}%`;

/** A span for people, its two greatest units: `2 d 3 h`, `4 min 10 s`, `800 ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))}${nbsp}ms`;
  const totalSeconds = Math.floor(durationMs / 1000);
  const parts: [number, string][] = [
    [Math.floor(totalSeconds / 86_400), "d"],
    [Math.floor(totalSeconds / 3600) % 24, "h"],
    [Math.floor(totalSeconds / 60) % 60, "min"],
    [totalSeconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${nbsp}${unit}`)
    .join(" ");
}

/** How long ago, for beside an exact time: `just now`, `3 min ago`, `5 d ago`. */
export function formatAgo(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - atMs) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds}${nbsp}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${nbsp}min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${nbsp}h ago`;
  return `${Math.floor(seconds / 86_400)}${nbsp}d ago`;
}

const conjunction = new Intl.ListFormat("en", { type: "conjunction" });
/** `cp-01, cp-02, and cp-03`. */
export const listWords = (items: readonly string[]): string => conjunction.format(items);

/** `1 node`, `3 nodes`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")}${nbsp}${count === 1 ? one : many}`;

const trimZero = (text: string): string => text.replace(/\.0$/, "");
