import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { Piscina } from "piscina";
import { FairTurns, NoTurn } from "@/lib/core/bounds/fair-turns";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { tryLater } from "@/lib/core/try-later";
import { answerOf, valueOf, type TaskAnswer, type TaskOrder } from "./answer";
import type { OffThreadTask } from "./task";

export type OffThreadOptions = {
  /** From the call to the answer, waiting included; beyond it the thread is ended. */
  timeoutMs?: number;
  /** Ends the work: the thread with it, where it has begun. That of `workFor` counts as well. */
  signal?: AbortSignal;
  /** Whose work it is, in place of that of `workFor`: an account, or the node whose text it is. */
  holder?: string;
};

const defaultTimeoutMs = 20_000;
/** Two at least, so that one holder alone never has all of them, also on a machine with two cores. */
const threadsAtMost = Math.max(2, Math.min(4, availableParallelism() - 1));
/** What the pool holds, and of that what one account or node may have of it. */
export const poolShares = {
  atOnce: threadsAtMost,
  atOncePerHolder: Math.ceil(threadsAtMost / 2),
  waiting: 32,
  waitingPerHolder: 8,
} as const;
/** Longer than the pauses of somebody who types; an idle thread keeps some 40 MB. */
const idleMs = 15_000;
/** Most tasks take a fraction of a second. */
const lineMs = 5_000;
const limits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

const poolKey = Symbol.for("ichor.off-thread-pool");
type Pool = { file: string; pool: Piscina<TaskOrder, TaskAnswer>; turns: FairTurns };
type Shared = { [poolKey]?: Pool };

/** `npm run build` makes it from lib/api/off-thread-worker.ts, since a thread is no part of Next's bundle. */
const workerFile = (): string =>
  process.env.ICHOR_WORKER_FILE ?? path.join(/* turbopackIgnore: true */ process.cwd(), ".next", "off-thread.cjs");

/** One pool in this process, shared by all of Next's module instances; its threads are made when there is work, and end when there is none. */
function pool(): Pool {
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
      maxThreads: threadsAtMost,
      idleTimeout: idleMs,
      resourceLimits: limits,
      // What this process was started with is not a thread's: a preload that ends with the parent's stdin, and keys in the environment.
      execArgv: [],
      env: {},
    });
    // A thread that fails between two tasks; without a listener it would end the process.
    made.on("error", (error: unknown) => log.unexpected("A worker thread failed", error));
    shared[poolKey] = { file, pool: made, turns: new FairTurns(poolShares) };
  }
  return shared[poolKey];
}

type WorkFor = { holder: string; signal?: AbortSignal | undefined };
const working = new AsyncLocalStorage<WorkFor>();

/** Has all tasks that `work` starts count as the holder's, and end with the signal: that of a request whose sender has gone. */
export const workFor = <T>(whose: WorkFor, work: () => Promise<T>): Promise<T> => working.run(whose, work);

/**
 * Runs a task in a thread of its own; one that is small, here. Accounts and nodes get the threads in turn, so that none of them fills the pool.
 *
 * @throws AppError as the task; `unavailable` where too much waits or the caller has gone, `refused` beyond the limits of time or memory.
 */
export async function offThread<Input, Output>(
  task: OffThreadTask<Input, Output>,
  input: Input,
  { timeoutMs = defaultTimeoutMs, signal, holder }: OffThreadOptions = {},
): Promise<Awaited<Output>> {
  // Tests of what a task does need no thread; those of the pool name a worker.
  if (process.env.VITEST && !process.env.ICHOR_WORKER_FILE) return await task.run(input);
  if (task.isSmall?.(input)) return valueOf(answerOf(() => task.run(input))) as Awaited<Output>;
  const { pool: threads, turns } = pool();
  const whose = working.getStore();
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = AbortSignal.any([timeout, signal, whose?.signal].filter((one) => one !== undefined));
  let giveBack = () => {};
  try {
    giveBack = await turns.enter(holder ?? whose?.holder ?? "ichor", end);
    const answer = await threads.run({ name: task.name, input }, { signal: end });
    return valueOf(answer) as Awaited<Output>;
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof NoTurn) throw refusal(error, turns.waiting);
    throw failure(error, timeout.aborted ? timeoutMs : null, end.aborted);
  } finally {
    giveBack();
  }
}

const refusal = (cause: NoTurn, waiting: number): AppError =>
  cause.of === "holder"
    ? tryLater(
        "rate-limited",
        "As many of your large texts wait to be read as may, so this one was not taken.",
        lineMs,
        {
          cause,
        },
      )
    : tryLater("unavailable", `${waiting} large texts wait to be read already, so this one was not taken.`, lineMs, {
        cause,
      });

function failure(cause: unknown, timeoutMs: number | null, left: boolean): AppError {
  const { name, code } = cause as { name?: string; code?: string };
  if (left || name === "AbortError" || timeoutMs !== null) {
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
