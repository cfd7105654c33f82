import { sleep } from "./time";

/** Keeps the process from being ended (`process.exit`) until work is done that must not be lost, `atMostMs` from the call on. */
export function exitAfter(work: Promise<unknown>, atMostMs: number): void {
  const exit = process.exit.bind(process);
  const done = Promise.race([work.catch(() => undefined), sleep(atMostMs)]);
  const later = (code?: Parameters<typeof exit>[0]) => void done.then(() => exit(code));
  // It never returned; whoever calls it from now on goes on until the work is done.
  process.exit = later as typeof process.exit;
}

/** Ends the process after `afterMs` whatever still holds it. Called before `exitAfter`, whose work it does not wait for. */
export function exitBy(afterMs: number, code: number): void {
  const exit = process.exit.bind(process);
  setTimeout(() => exit(code), afterMs).unref();
}
