import type { Judge } from "./judge";
import type { Random } from "./random";

/** Something that is judged: how to make a case of it, and how to see whether Ichor and the library agree on one. */
export type Kind<Case> = {
  name: string;
  /** Cases of a short run; a long one has twenty times as many. */
  cases: number;
  make: (random: Random) => Case | Promise<Case>;
  /** Null = they agree; else what differs. Throws only where the test itself is at fault. */
  differs: (made: Case, judge: Judge) => Promise<string | null>;
};

/** A kind whose cases are its own business. */
export type AnyKind = { name: string; run: (run: RunOptions) => Promise<Tally> };
export type RunOptions = { judge: Judge; seed: number; long: boolean; say: (line: string) => void };
export type Tally = { cases: number; disagreements: number };
