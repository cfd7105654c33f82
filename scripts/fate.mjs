import os from "node:os";

const numberOf = (signal) => os.constants.signals[signal] ?? 0;
const signalOf = (code) =>
  Object.entries(os.constants.signals).find(([, number]) => 128 + number === code)?.[0] ?? null;

/**
 * How a command ends when its server has: the exit code that a service manager sees, and one line that says why. Null where it
 * ended as it was asked to.
 *
 * @param {{ code: number | null, signal: string | null, error?: Error }} end how the server's process ended
 * @param {{ asked: boolean, killed: boolean, what?: string }} how `asked`: this command was told to stop; `killed`: it had to kill the server for that
 * @returns {{ exitCode: number, line: string | null }}
 */
export function fateOf({ code, signal, error }, { asked, killed, what = "The server" }) {
  if (error) return { exitCode: 1, line: `${what} could not be started: ${error.message}` };
  if (killed) return { exitCode: 1, line: `${what} did not end when it was asked to, so it was killed.` };
  // A server that handles a signal ends with 128 and its number, which says the same.
  const by = signal ?? signalOf(code);
  if (asked && (code === 0 || ["SIGTERM", "SIGINT", "SIGHUP"].includes(by))) return { exitCode: 0, line: null };
  if (by !== null) {
    const memory = by === "SIGKILL" || by === "SIGABRT" ? " The system does that when memory runs out." : "";
    return { exitCode: 128 + numberOf(by), line: `${what} was ended by ${by}.${memory}` };
  }
  if (code === 0) return { exitCode: 1, line: `${what} ended by itself, although nobody asked it to.` };
  return { exitCode: code ?? 1, line: `${what} ended with exit code ${code}; its last lines above say why.` };
}
