import { deepEqual, match } from "node:assert/strict";
import { errorMessage } from "@/lib/core/errors";
import { isTalosError, TalosError, type TalosErrorKind } from "@/lib/talos/errors";

export type CheckFailure = { check: string; why: string };
export type CheckResult = { checks: number; failures: CheckFailure[] };

/** Checks that were made, and what was wrong. A check that fails does not end the others. */
export class Checks {
  count = 0;
  readonly failures: CheckFailure[] = [];

  constructor(private readonly say: (line: string) => void) {}

  /** Makes one check; what it throws is its failure, and so is that it does not end. */
  async that(check: string, run: () => Promise<void> | void, timeoutMs = 30_000): Promise<void> {
    this.count += 1;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`It did not end within ${timeoutMs / 1000} s.`)), timeoutMs);
    });
    try {
      await Promise.race([run(), late]);
    } catch (error) {
      const details = isTalosError(error) && error.details ? ` (${error.details})` : "";
      const why = `${errorMessage(error)}${details}`;
      this.failures.push({ check, why });
      this.say(`FAILED ${check}: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }

  get result(): CheckResult {
    return { checks: this.count, failures: this.failures };
  }
}

/** `actual` has to hold what `expected` names; more is no fault. */
export function holds(actual: unknown, expected: Record<string, unknown>): void {
  const held = Object.fromEntries(
    Object.keys(expected).map((key) => [key, (actual as Record<string, unknown> | null)?.[key]]),
  );
  deepEqual(held, expected);
}

/** The call has to fail with this kind, its node's words matching `words` where given. Gives the error. */
export async function fails(
  work: Promise<unknown> | AsyncIterable<unknown>,
  kind: TalosErrorKind,
  words?: RegExp,
): Promise<TalosError> {
  let failure: unknown;
  try {
    if (Symbol.asyncIterator in work) for await (const _item of work);
    else await work;
  } catch (error) {
    failure = error;
  }
  if (!(failure instanceof TalosError)) throw new Error(`It should fail with ${kind}: ${String(failure)}`);
  if (failure.kind !== kind)
    throw new Error(`It should fail with ${kind}, not with ${failure.kind}: ${failure.message}`);
  if (words) match(`${failure.message} ${failure.details ?? ""}`, words);
  return failure;
}

/** All items of a stream that ends by itself. */
export async function all<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Items of a stream up to and with the first that is wanted; then it is left. */
export async function upTo<Item>(stream: AsyncIterable<Item>, wanted: (item: Item) => boolean): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) {
    items.push(item);
    if (wanted(item)) return items;
  }
  throw new Error("The stream ended before what was waited for.");
}

/** As `upTo`, but does something as soon as an item shows that the stream stands. */
export async function after<Item>(
  stream: AsyncIterable<Item>,
  stands: (item: Item) => boolean,
  act: () => Promise<unknown>,
  wanted: (item: Item) => boolean,
): Promise<Item[]> {
  const items: Item[] = [];
  let acting: Promise<unknown> | null = null;
  for await (const item of stream) {
    items.push(item);
    if (acting && wanted(item)) {
      await acting;
      return items;
    }
    if (!acting && stands(item)) {
      acting = act();
      acting.catch(() => undefined);
    }
  }
  throw new Error("The stream ended before what was waited for.");
}

const pollMs = 20;

/** Asks again until the answer is not null. Errors that pass while a machine restarts are waited out, too. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | null>,
  timeoutMs = 20_000,
): Promise<Answer> {
  const endMs = Date.now() + timeoutMs;
  let last: unknown = null;
  while (Date.now() < endMs) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(`${what} did not happen within ${timeoutMs / 1000} s${last ? `: ${errorMessage(last)}` : ""}.`);
}
