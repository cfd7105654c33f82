/** Lets at most `limit` pieces of work run at a time, the others wait in order; one that gives up waiting leaves the line. */
export function createGate(limit: number) {
  const waiting: (() => void)[] = [];
  let free = limit;

  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };

  return async function pass(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (free > 0) free -= 1;
    else {
      await new Promise<void>((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        waiting.push(enter);
        signal.addEventListener("abort", leave, { once: true });
      });
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
    };
  };
}
