/** One line of two texts: in both, or in the earlier or later one alone. */
export type LineEdit = { kind: "same" | "removed" | "added"; text: string };

/** The shortest difference is looked for up to so many lines. */
const mostEdits = 1_000;
/** Comparisons for each line of both texts; what is left when they are spent is removed and added as one block. */
const stepsPerLine = 30;
const leastSteps = 1_000_000;
/** How often a part is cut again at the lines that both have once. */
const mostCuts = 4;

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

type Range = { from: number; to: number };
type Pairs = (before: number, after: number) => void;

/** Lines as numbers: the same line has the same one, so that comparing two takes no time. */
function numbered(texts: readonly string[][]): Int32Array[] {
  const numbers = new Map<string, number>();
  return texts.map((lines) =>
    Int32Array.from(lines, (line) => {
      const known = numbers.get(line) ?? numbers.size;
      numbers.set(line, known);
      return known;
    }),
  );
}

class LineMatcher {
  private steps: number;

  constructor(
    private readonly before: Int32Array,
    private readonly after: Int32Array,
    private readonly pair: Pairs,
  ) {
    this.steps = Math.max(leastSteps, stepsPerLine * (before.length + after.length));
  }

  match(before: Range, after: Range, cuts = mostCuts): void {
    const left = { ...before };
    const right = { ...after };
    while (left.from < left.to && right.from < right.to && this.isSame(left.from, right.from))
      this.pair(left.from++, right.from++);
    let ends = 0;
    while (left.from < left.to && right.from < right.to && this.isSame(left.to - 1, right.to - 1)) {
      left.to -= 1;
      right.to -= 1;
      ends += 1;
    }
    if (left.from < left.to && right.from < right.to && !this.shortest(left, right) && cuts > 0)
      this.cut(left, right, cuts - 1);
    for (let end = 0; end < ends; end += 1) this.pair(left.to + end, right.to + end);
  }

  private isSame = (left: number, right: number): boolean => this.before[left] === this.after[right];

  /** Myers' greedy search (An O(ND) Difference Algorithm, 1986). False where it takes too many edits or steps. */
  private shortest(left: Range, right: Range): boolean {
    const [height, width] = [left.to - left.from, right.to - right.from];
    const trace: Int32Array[] = [];
    // The furthest line of the earlier text on each diagonal, which is at `mostEdits + 1 + diagonal`.
    const reached = new Int32Array(2 * mostEdits + 3);
    for (let edits = 0; edits <= Math.min(mostEdits, height + width); edits += 1) {
      trace.push(reached.slice(mostEdits - edits, mostEdits + edits + 3));
      for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
        const at = mostEdits + 1 + diagonal;
        const [above, below] = [reached[at + 1] ?? 0, reached[at - 1] ?? 0];
        let x = diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
        const start = x;
        while (x < height && x - diagonal < width && this.isSame(left.from + x, right.from + x - diagonal)) x += 1;
        reached[at] = x;
        this.steps -= 1 + x - start;
        if (x >= height && x - diagonal >= width) {
          this.follow(trace, left, right);
          return true;
        }
      }
      if (this.steps < 0) return false;
    }
    return false;
  }

  /** Gives the pairs on the way that the search has found, from its start. */
  private follow(trace: readonly Int32Array[], left: Range, right: Range): void {
    const pairs: [number, number][] = [];
    let [x, y] = [left.to - left.from, right.to - right.from];
    for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
      const reached = trace[edits];
      const diagonal = x - y;
      const at = diagonal + edits + 1;
      const [above, below] = [reached?.[at + 1] ?? 0, reached?.[at - 1] ?? 0];
      const down = diagonal === -edits || (diagonal !== edits && below < above);
      const start = edits === 0 ? 0 : down ? above : below + 1;
      while (x > start) pairs.push([--x, --y]);
      if (down) y -= 1;
      else x -= 1;
    }
    for (const [one, other] of pairs.reverse()) this.pair(left.from + one, right.from + other);
  }

  /** Pairs the lines that both parts have exactly once and in the same order, and matches what is between them. */
  private cut(left: Range, right: Range, cuts: number): void {
    const anchors = inOrder(this.commonOnce(left, right));
    if (anchors.length === 0) return;
    let [from, otherFrom] = [left.from, right.from];
    for (const [one, other] of anchors) {
      this.match({ from, to: one }, { from: otherFrom, to: other }, cuts);
      this.pair(one, other);
      [from, otherFrom] = [one + 1, other + 1];
    }
    this.match({ from, to: left.to }, { from: otherFrom, to: right.to }, cuts);
  }

  private commonOnce(left: Range, right: Range): [number, number][] {
    const places = (lines: Int32Array, { from, to }: Range): Map<number, number> => {
      const found = new Map<number, number>();
      for (let at = from; at < to; at += 1) {
        const line = lines[at] ?? -1;
        found.set(line, found.has(line) ? -1 : at);
      }
      return found;
    };
    const others = places(this.after, right);
    return [...places(this.before, left)].flatMap(([line, at]): [number, number][] => {
      const other = others.get(line) ?? -1;
      return at < 0 || other < 0 ? [] : [[at, other]];
    });
  }
}

/** The longest part of the pairs, which ascend in their first number, that ascends in the second as well. */
function inOrder(pairs: readonly [number, number][]): [number, number][] {
  const piles: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  for (const [index, [, place]] of pairs.entries()) {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[piles[middle] ?? 0]?.[1] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : (piles[low - 1] ?? -1);
    piles[low] = index;
  }
  const found: [number, number][] = [];
  for (let index = piles.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair) found.push(pair);
  }
  return found.reverse();
}

/**
 * Two texts line by line. The shortest difference where it is of a thousand lines at most; else parts between lines that both texts have
 * once; else the whole part is removed and added. Takes time in proportion to the texts, whatever they hold.
 */
export function lineEdits(before: string, after: string): LineEdit[] {
  const [left, right] = [linesOf(before), linesOf(after)];
  const [leftNumbers = new Int32Array(), rightNumbers = new Int32Array()] = numbered([left, right]);
  const edits: LineEdit[] = [];
  let [at, otherAt] = [0, 0];
  const upTo = (end: number, otherEnd: number): void => {
    while (at < end) edits.push({ kind: "removed", text: left[at++] ?? "" });
    while (otherAt < otherEnd) edits.push({ kind: "added", text: right[otherAt++] ?? "" });
  };
  const matcher = new LineMatcher(leftNumbers, rightNumbers, (one, other) => {
    upTo(one, other);
    edits.push({ kind: "same", text: left[at++] ?? "" });
    otherAt += 1;
  });
  matcher.match({ from: 0, to: left.length }, { from: 0, to: right.length });
  upTo(left.length, right.length);
  return edits;
}
