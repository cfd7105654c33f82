import { format, inspect } from "node:util";
import { onOneLine } from "./plain-text";

const methods = ["log", "info", "warn", "error", "debug", "trace"] as const;
/** A stack with its causes. */
const longestEntry = 16_000;

type Sink = Pick<Console, (typeof methods)[number] | "dir">;
const guarded = new WeakSet<Sink>();

/**
 * Has everything that is written to the console, by Next and other libraries too, pass `onOneLine`: their words quote what
 * strangers send (paths, header values, names of actions), and one call is one line. Once per console.
 */
export function guardConsole(target: Sink = console): void {
  if (guarded.has(target)) return;
  guarded.add(target);
  for (const method of methods) {
    // `trace` would add a stack of lines of its own.
    const write = target[method === "trace" ? "error" : method].bind(target);
    target[method] = (...parts: unknown[]) => write("%s", onOneLine(format(...parts), longestEntry));
  }
  target.dir = (item: unknown) => target.log(inspect(item));
}
