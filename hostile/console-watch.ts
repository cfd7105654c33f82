import { setTimeout as wait } from "node:timers/promises";
import type { Console } from "../scripts/console-client";
import { type ListedNode, nodesOf } from "./stage";

/** Asks until something is seen. @returns null where it is not within the time */
export async function within<T>(ms: number, look: () => Promise<T | null>): Promise<T | null> {
  const untilMs = performance.now() + ms;
  for (;;) {
    const seen = await look().catch(() => null);
    if (seen !== null || performance.now() > untilMs) return seen;
    await wait(300);
  }
}

export const nodeNamed = async (console: Console, name: string): Promise<ListedNode | null> =>
  (await nodesOf(console)).find((node) => node.name === name) ?? null;

/** The first text in a stream of the console that fits; null where none comes. */
export async function streamed(console: Console, path: string, fits: RegExp, ms: number): Promise<string | null> {
  const signal = AbortSignal.timeout(ms);
  let rest = "";
  try {
    const response = await fetch(`${console.address}/${path}`, {
      headers: { authorization: `Bearer ${console.token}` },
      signal,
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      rest = (rest + decoder.decode(chunk, { stream: true })).slice(-1_000_000);
      const found = fits.exec(rest);
      if (found) return found[0];
    }
  } catch {
    // The end of the time, or of the stream.
  }
  return null;
}

/** What an operation answers, its refusal included; null for no answer. */
export async function answered(console: Console, name: string, input: unknown, ms: number): Promise<string | null> {
  try {
    const response = await fetch(`${console.address}/api/v1/operations/${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${console.token}`, "content-type": "application/json" },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(ms),
    });
    return await response.text();
  } catch {
    return null;
  }
}
