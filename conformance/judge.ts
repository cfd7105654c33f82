import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What the library said: its output, or the reason of its refusal. */
export type Verdict = { output?: unknown; refusal?: string };

export type Judge = {
  /** `1.14`: the Talos release of the libraries. */
  release: string;
  ask: (kind: string, input: unknown) => Promise<Verdict>;
  /** Ends the process. Rejects where it had ended with an error. */
  close: () => Promise<void>;
};

/** Starts a judge that was built; answers come in the order of the questions. */
export function startJudge(binary: string, release: string): Judge {
  const child: ChildProcess = spawn(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("The judge has no pipes.");
  const waiting: { resolve: (verdict: Verdict) => void; reject: (reason: Error) => void }[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const failure = code === 0 ? null : new Error(`The judge ended with ${code ?? signal}.`);
      for (const { reject: refuse } of waiting.splice(0)) refuse(failure ?? new Error("The judge ended early."));
      if (failure) reject(failure);
      else resolve();
    });
  });
  ended.catch(() => undefined);
  createInterface({ input: stdout }).on("line", (line) => {
    const next = waiting.shift();
    if (!next) throw new Error("The judge said more than it was asked.");
    next.resolve(JSON.parse(line) as Verdict);
  });
  return {
    release,
    ask: (kind, input) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        stdin.write(`${JSON.stringify({ kind, input })}\n`);
      }),
    close: () => {
      stdin.end();
      return ended;
    },
  };
}

/** A judge's output, where a refusal would be a fault of the test itself. Throws with the refusal. */
export async function mustGive(verdict: Promise<Verdict>): Promise<unknown> {
  const { output, refusal } = await verdict;
  if (refusal !== undefined) throw new Error(`The judge refused: ${refusal}`);
  return output;
}
