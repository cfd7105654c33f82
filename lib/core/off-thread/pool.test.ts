import { setMaxListeners } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { offThread, poolShares, workFor } from "./pool";
import { defineTask } from "./task";

/** What the thread of these tests does, in place of the console's own tasks. */
const worker = `module.exports = ({ name, input }) => {
  if (name === "echo") return { ok: true, value: input };
  if (name === "given") return { ok: true, value: { argv: process.execArgv, env: Object.keys(process.env) } };
  if (name === "refuse") return { ok: false, error: { code: "invalid-input", message: "It is wrong.", hint: "Mend it.", fields: { a: "b" } } };
  if (name === "memory") { const all = []; for (;;) all.push(new Array(1_000_000).fill(all.length)); }
  if (name === "endless") for (;;);
  throw new Error("secret-canary");
};`;
let dir: string;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-worker-"));
  process.env.ICHOR_WORKER_FILE = path.join(dir, "worker.cjs");
  fs.writeFileSync(process.env.ICHOR_WORKER_FILE, worker);
});
afterAll(() => {
  delete process.env.ICHOR_WORKER_FILE;
  fs.rmSync(dir, { recursive: true });
});

const task = (name: string) => defineTask(name, (input: unknown): unknown => input);
const failureOf = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

test("a thread has neither the preloads nor the environment of this process", async () => {
  const argv = [...process.execArgv];
  // A preload that fails in a thread, as that of `npm start` does.
  process.execArgv.push("--import", "data:text/javascript,import.meta.missing()");
  process.env.ICHOR_CANARY = "1";
  const given = (await offThread(task("given"), 1)) as { argv: string[]; env: string[] };
  process.execArgv.splice(0, process.execArgv.length, ...argv);
  delete process.env.ICHOR_CANARY;
  expect(given.argv).toEqual([]);
  expect(given.env).not.toContain("ICHOR_CANARY");
});

test("gives the answer of the thread, with values that JSON does not have", async () => {
  const value = { a: [1, "b", null], big: 2n ** 70n, nan: NaN };
  expect(await offThread(task("echo"), value)).toEqual(value);
});

test("an expected failure comes back as one, with all its parts", async () => {
  const error = await failureOf(offThread(task("refuse"), 1));
  expect(error).toMatchObject({
    code: "invalid-input",
    message: "It is wrong.",
    hint: "Mend it.",
    fields: { a: "b" },
  });
});

test("an unexpected one is told without its words", async () => {
  const error = await failureOf(offThread(task("other"), 1));
  expect(error.code).toBe("internal");
  expect(error.message).not.toContain("canary");
});

test("work without end is ended at the limit, and the pool goes on", async () => {
  const error = await failureOf(offThread(task("endless"), 1, { timeoutMs: 300 }));
  expect(error).toMatchObject({ code: "refused", message: "This was not done within 0.3 s, so it was stopped." });
  expect(await offThread(task("echo"), 2)).toBe(2);
});

test("while it goes on, this thread is free", async () => {
  const gone = new AbortController();
  const left = failureOf(offThread(task("endless"), 1, { signal: gone.signal }));
  for (let turns = 0; turns < 100; turns += 1) await new Promise(setImmediate);
  gone.abort();
  expect(await left).toMatchObject({ code: "unavailable" });
});

test("work ends with the request that it is for", async () => {
  const gone = new AbortController();
  const left = failureOf(workFor({ holder: "ada", signal: gone.signal }, () => offThread(task("endless"), 1)));
  gone.abort();
  expect(await left).toMatchObject({ code: "unavailable" });
  expect(await offThread(task("echo"), 3)).toBe(3);
});

test("beyond its memory a task is ended, and nothing else with it", async () => {
  const error = await failureOf(offThread(task("memory"), 1, { timeoutMs: 60_000 }));
  expect(error).toMatchObject({ code: "refused" });
  expect(error.message).toContain("MB of memory");
  expect(await offThread(task("echo"), 4)).toBe(4);
});

test("one account fills neither the threads nor the line: another one is served meanwhile", async () => {
  const gone = new AbortController();
  setMaxListeners(100, gone.signal);
  const endless = () =>
    workFor({ holder: "eve" }, () => offThread(task("endless"), 1, { signal: gone.signal, timeoutMs: 60_000 }));
  const { atOncePerHolder, waitingPerHolder } = poolShares;
  const all = Array.from({ length: atOncePerHolder + waitingPerHolder + 1 }, () => failureOf(endless()));
  expect(await all.at(-1)).toMatchObject({
    code: "rate-limited",
    message: "As many of your large texts wait to be read as may, so this one was not taken. Try again in 5\u00a0s.",
    retryAfterMs: 5_000,
  });
  for (let at = 0; at < 5; at += 1)
    expect(await workFor({ holder: "ada" }, () => offThread(task("echo"), at))).toBe(at);
  // Nor does a node's text, whose holder is given.
  expect(await workFor({ holder: "eve" }, () => offThread(task("echo"), "n", { holder: "node 1" }))).toBe("n");
  gone.abort();
  await Promise.all(all);
});

test("more than the line holds is refused with the reason", async () => {
  const gone = new AbortController();
  setMaxListeners(100, gone.signal);
  const all = Array.from({ length: poolShares.atOnce + poolShares.waiting + 1 }, (_, at) =>
    failureOf(offThread(task("endless"), 1, { signal: gone.signal, timeoutMs: 60_000, holder: `account ${at}` })),
  );
  expect(await all.at(-1)).toMatchObject({
    code: "unavailable",
    message: "32 large texts wait to be read already, so this one was not taken. Try again in 5\u00a0s.",
  });
  gone.abort();
  await Promise.all(all);
  expect(await offThread(task("echo"), 5)).toBe(5);
});

test("what is small is done without a thread, and what is not in one", async () => {
  const here = defineTask(
    "echo",
    (text: string) => `here: ${text}`,
    (text) => text.length < 3,
  );
  expect(await offThread(here, "ab")).toBe("here: ab");
  expect(await offThread(here, "abc")).toBe("abc");
});

test("a small task fails as one in a thread does", async () => {
  const refusal = new AppError("invalid-input", "It is wrong.", { hint: "Mend it." });
  const refuse = defineTask(
    "refuse",
    () => {
      throw refusal;
    },
    () => true,
  );
  expect(await failureOf(offThread(refuse, 1))).toMatchObject({
    code: "invalid-input",
    message: "It is wrong.",
    hint: "Mend it.",
  });
});

test("a build without the worker says so", async () => {
  const file = process.env.ICHOR_WORKER_FILE;
  process.env.ICHOR_WORKER_FILE = path.join(dir, "missing.cjs");
  const error = await failureOf(offThread(task("echo"), 1));
  process.env.ICHOR_WORKER_FILE = file;
  expect(error).toMatchObject({ code: "internal", hint: "Build the console again: npm run build." });
});
