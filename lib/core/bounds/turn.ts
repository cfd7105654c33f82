import { setImmediate as nextTurn } from "node:timers";
import { turnMs } from "./input-caps";

const waiting: (() => void)[] = [];
/** When the first piece of this turn began; null in a turn that has had none. */
let startedMs: number | null = null;
let scheduled = false;

/**
 * All that has happened since counts, also what others make of the work: whoever awaits a result goes on, and asks for more, before
 * the event loop gets to anything else.
 */
const hasTime = (): boolean => {
  startedMs ??= performance.now();
  return performance.now() - startedMs < turnMs;
};

function beginTurn(): void {
  scheduled = false;
  startedMs = null;
  let done = 0;
  try {
    while (done < waiting.length && hasTime()) (waiting[done++] as () => void)();
  } finally {
    waiting.splice(0, done);
    if (startedMs !== null || waiting.length > 0) schedule();
  }
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  nextTurn(beginTurn);
}

/**
 * Does a small piece of work on something that a machine sent: now, where this turn of the event loop has time left for such work, else in
 * one of the next, in order. So timers and requests get theirs however many machines send however much. `work` must not throw.
 */
export function inTurn(work: () => void): void {
  schedule();
  if (waiting.length === 0 && hasTime()) work();
  else waiting.push(work);
}
