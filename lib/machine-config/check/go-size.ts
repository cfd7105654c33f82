import { ownEntry } from "@/lib/core/own-entry";

const units: Record<string, number> = { "": 1, b: 1 };
for (const [power, letter] of ["k", "m", "g", "t", "p", "e"].entries()) {
  for (const name of [letter, `${letter}b`]) units[name] = 1000 ** (power + 1);
  for (const name of [`${letter}i`, `${letter}ib`]) units[name] = 1024 ** (power + 1);
}

/** Bytes of `100GB`, `1.5 GiB`, `1,000`: humanize.ParseBytes of Go. Null where it refuses the text. */
export function parseGoSize(text: string): number | null {
  const digits = /^[\p{Nd}.,]*/u.exec(text)?.[0] ?? "";
  const amount = digits.replaceAll(",", "");
  const unit = ownEntry(units, text.slice(digits.length).trim().toLowerCase());
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(amount) || unit === undefined) return null;
  const bytes = Number(amount) * unit;
  return bytes >= 2 ** 64 ? null : Math.trunc(bytes);
}

/** A size of a volume: bytes, or a share of the disk; both may be negative. */
export type VolumeSize = { negative: boolean } & ({ percent: number } | { bytes: number });

/** `block.Size` of Talos; `block.ByteSize` takes no percentage. Null where Talos refuses the text. */
export function parseVolumeSize(text: string, { percentages }: { percentages: boolean }): VolumeSize | null {
  const negative = text.startsWith("-");
  const amount = negative ? text.slice(1) : text;
  if (percentages && text.includes("%")) {
    if (!/^[+]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%$/.test(amount)) return null;
    const percent = Number(amount.slice(0, -1));
    return percent <= 100 ? { negative, percent } : null;
  }
  const bytes = parseGoSize(amount);
  return bytes === null ? null : { negative, bytes };
}

const durationUnits: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const durationPart = /^(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;

/** Milliseconds of `1h30m`: Go's time.ParseDuration. Null where it refuses the text. */
export function parseGoDurationMs(text: string): number | null {
  const sign = text.startsWith("-") ? -1 : 1;
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest === "") return null;
  let total = 0;
  while (rest !== "") {
    const part = durationPart.exec(rest);
    if (!part) return null;
    total += Number(part[1]) * (durationUnits[part[2] ?? ""] ?? 0);
    rest = rest.slice(part[0].length);
  }
  // Go counts in int64 nanoseconds.
  return total * 1e6 > 2 ** 63 ? null : sign * total;
}
