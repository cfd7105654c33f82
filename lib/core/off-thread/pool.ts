import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { Piscina } from "piscina";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { valueOf, type TaskAnswer, type TaskOrder } from "./answer";
import type { OffThreadTask } from "./task";

export type OffThreadOptions = {
  /** From the call to the answer, waiting included; beyond it the thread is ended. */
  timeoutMs?: number;
  /** Ends the work: the thread with it, where it has begun. That of `endsWith` counts as well. */
  signal?: AbortSignal;
};

const defaultTimeoutMs = 20_000;
const mostWaiting = 32;
const limits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

const poolKey = Symbol.for("ichor.off-thread-pool");
type Shared = { [poolKey]?: { file: string; pool: Piscina<TaskOrder, TaskAnswer> } };

/** `npm run build` makes it from lib/api/off-thread-worker.ts, since a thread is no part of Next's bundle. */
const workerFile = (): string =>
  process.env.ICHOR_WORKER_FILE ?? path.join(/* turbopackIgnore: true */ process.cwd(), ".next", "off-thread.cjs");

/** One pool in this process, shared by all of Next's module instances; its threads are made when there is work, and end when there is none. */
function pool(): Piscina<TaskOrder, TaskAnswer> {
  const shared = globalThis as Shared;
  const file = workerFile();
  if (shared[poolKey]?.file !== file) {
    if (!fs.existsSync(/* turbopackIgnore: true */ file))
      throw new AppError("internal", "The worker for large texts is missing from this build.", {
        hint: "Build the console again: npm run build.",
      });
    const made = new Piscina<TaskOrder, TaskAnswer>({
      filename: file,
      minThreads: 0,
      maxThreads: Math.max(1, Math.min(4, availableParallelism() - 1)),
      idleTimeout: 60_000,
      resourceLimits: limits,
      // What this process was started with is not a thread's: a preload that ends with the parent's stdin, and keys in the environment.
      execArgv: [],
      env: {},
    });
    // A thread that fails between two tasks; without a listener it would end the process.
    made.on("error", (error: unknown) => log.unexpected("A worker thread failed", error));
    shared[poolKey] = { file, pool: made };
  }
  return shared[poolKey].pool;
}

const leaving = new AsyncLocalStorage<AbortSignal>();

/** Has all tasks that `work` starts end with the signal: that of a request whose sender has gone. */
export const endsWith = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => leaving.run(signal, work);

/**
 * Runs a task in a thread of its own.
 *
 * @throws AppError as the task; `unavailable` where too much waits or the caller has gone, `refused` beyond the limits of time or memory.
 */
export async function offThread<Input, Output>(
  task: OffThreadTask<Input, Output>,
  input: Input,
  { timeoutMs = defaultTimeoutMs, signal }: OffThreadOptions = {},
): Promise<Awaited<Output>> {
  // Tests of what a task does need no thread; those of the pool name a worker.
  if (process.env.VITEST && !process.env.ICHOR_WORKER_FILE) return await task.run(input);
  const threads = pool();
  // The library's own limit does not count while a thread is being made.
  if (threads.queueSize >= mostWaiting)
    throw new AppError(
      "unavailable",
      `${mostWaiting} large texts already wait to be read, so this one was not taken.`,
      {
        hint: "Try again in some seconds.",
      },
    );
  const timeout = AbortSignal.timeout(timeoutMs);
  const ends = [timeout, signal, leaving.getStore()].filter((one) => one !== undefined);
  try {
    const answer = await threads.run({ name: task.name, input }, { signal: AbortSignal.any(ends) });
    return valueOf(answer) as Awaited<Output>;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw failure(error, timeout.aborted ? timeoutMs : null);
  }
}

function failure(cause: unknown, timeoutMs: number | null): AppError {
  const { name, code } = cause as { name?: string; code?: string };
  if (name === "AbortError" || timeoutMs !== null) {
    return timeoutMs === null
      ? new AppError("unavailable", "The request was left before its answer was made, so the work on it was stopped.")
      : new AppError("refused", `This was not done within ${timeoutMs / 1000} s, so it was stopped.`, {
          hint: "Send less, or simpler text: a few thousand lines take a fraction of a second.",
          cause,
        });
  }
  if (code === "ERR_WORKER_OUT_OF_MEMORY")
    return new AppError(
      "refused",
      `This needs more than ${limits.maxOldGenerationSizeMb} MB of memory, so it was stopped.`,
      {
        hint: "Send less, or simpler text.",
        cause,
      },
    );
  return new AppError("internal", "Something went wrong inside Ichor's worker for large texts.", { cause });
}
