import { setImmediate as nextTurn } from "node:timers";
import { turnMs } from "./input-caps";

const waiting: (() => void)[] = [];
let spentMs = 0;
let scheduled = false;

function run(work: () => void): void {
  const startedMs = performance.now();
  try {
    work();
  } finally {
    spentMs += performance.now() - startedMs;
  }
}

function beginTurn(): void {
  scheduled = false;
  spentMs = 0;
  let done = 0;
  try {
    while (done < waiting.length && spentMs < turnMs) run(waiting[done++] as () => void);
  } finally {
    waiting.splice(0, done);
    if (spentMs > 0 || waiting.length > 0) schedule();
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
  if (waiting.length === 0 && spentMs < turnMs) run(work);
  else waiting.push(work);
  schedule();
}
