import path from "node:path";
import { Worker } from "node:worker_threads";
import { distDir } from "vitest/node";

/** So many test files are run in one thread before the next one gets a new thread: what tests leave behind does not pile up. */
const mostRuns = 200;

/** The thread of this process, with what it was started as. @type {{ worker: Worker, runs: number } | null} */
let thread = null;

/** Ends the thread; the next test file starts in a new one. For when something escaped from a test. */
export async function dropThread() {
  const worker = thread?.worker;
  thread = null;
  await worker?.terminate();
}

/**
 * A worker of Vitest that stays for the next mutant. Vitest ends its thread after each test file, and a new one loads Prisma, zod
 * and itself for most of a second; a mutant needs neither. The modules of the project are evaluated anew for each file as ever
 * (`isolate`), only those of packages stay loaded.
 */
class WarmWorker {
  name = "warm";
  #options;
  #config = null;
  #listeners = new Map();
  #worker = null;

  constructor(options) {
    this.#options = options;
  }

  async start() {
    if (thread !== null && thread.runs >= mostRuns) await dropThread();
    thread ??= { worker: this.#newThread(), runs: 0, started: false };
    this.#worker = thread.worker;
  }

  #newThread() {
    const { env, execArgv } = this.#options;
    const worker = new Worker(path.join(distDir, "workers/threads.js"), { env, execArgv, stdout: true, stderr: true });
    worker.stdout.resume();
    worker.stderr.resume();
    return worker;
  }

  async stop() {
    for (const [callback, event] of this.#listeners) this.#worker?.off(event, callback);
    this.#listeners.clear();
  }

  on(event, callback) {
    this.#listeners.set(callback, event);
    this.#worker.on(event, callback);
  }

  off(event, callback) {
    this.#listeners.delete(callback);
    this.#worker.off(event, callback);
  }

  send(message) {
    if (message?.__vitest_worker_request__ !== true) return this.#worker.postMessage(message);
    if (message.type === "start") {
      // The names of the tests to run are part of the config, which a thread takes at its start alone.
      this.#config = message.context.config;
      if (thread?.started) return this.#answer("started");
      if (thread) thread.started = true;
    }
    if (message.type === "stop") return this.#answer("stopped");
    if (message.type === "run") {
      if (thread) thread.runs += 1;
      message = { ...message, context: { ...message.context, config: this.#config } };
    }
    return this.#worker.postMessage(message);
  }

  #answer(type) {
    queueMicrotask(() => {
      for (const [callback, event] of this.#listeners)
        if (event === "message") callback({ type, __vitest_worker_response__: true });
    });
  }

  deserialize(data) {
    return data;
  }
}

/** For `poolRunner` of Vitest. */
export const warmPool = { name: "warm", createPoolWorker: (options) => new WarmWorker(options) };
