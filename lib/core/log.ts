import { env } from "./env";
import { errorMessage } from "./errors";
import { onOneLine } from "./plain-text";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];
type Fields = Record<string, string | number | boolean | null | undefined>;

function threshold(): Level {
  try {
    return env().logLevel;
  } catch {
    // A bad setting is reported at start; until then everything is logged.
    return "debug";
  }
}

function write(level: Level, message: string, fields: Fields = {}): void {
  if (levels.indexOf(level) < levels.indexOf(threshold())) return;
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? JSON.stringify(onOneLine(value)) : value}`);
  console.error(`${new Date().toISOString()} ${level} ${onOneLine(message)}${pairs.join("")}`);
}

/**
 * One line per event on standard error: time, level, sentence, `name="value"` pairs. Callers pass facts, never whole
 * objects, so that no secret gets in by accident.
 */
export const log = {
  debug: (message: string, fields?: Fields) => write("debug", message, fields),
  info: (message: string, fields?: Fields) => write("info", message, fields),
  warn: (message: string, fields?: Fields) => write("warn", message, fields),
  error: (message: string, fields?: Fields) => write("error", message, fields),
  /** An unexpected failure with its stack. */
  unexpected: (message: string, error: unknown, fields?: Fields) =>
    write("error", message, {
      ...fields,
      error: errorMessage(error),
      stack: error instanceof Error ? error.stack : undefined,
    }),
};
