import { expect, test } from "vitest";
import { TalosError } from "@/lib/talos/errors";
import { lineSource } from "./line-source";

/** Yields the lines, then stays open and silent, as a followed log does. */
async function* thenSilence(lines: string[]): AsyncGenerator<string> {
  yield* lines;
  await new Promise<never>(() => undefined);
}

const linesOf = (messages: { data: string }[] | null): string[] =>
  (messages ?? []).flatMap(({ data }) => (JSON.parse(data) as { lines: string[] }).lines);

test.each([1, 2, 3, 40])("%i lines arrive although the log then stays silent", async (count) => {
  const lines = Array.from({ length: count }, (_, index) => `line ${index}`);
  const source = lineSource({ open: async () => thenSilence(lines), maxWaitMs: 5 });
  expect(linesOf(await source.next())).toEqual(lines);
  source.close();
});

test("a long past comes in batches", async () => {
  const lines = Array.from({ length: 5 }, (_, index) => `line ${index}`);
  const source = lineSource({ open: async () => thenSilence(lines), maxLines: 2, maxWaitMs: 5 });
  expect(linesOf(await source.next())).toEqual(["line 0", "line 1"]);
  expect(linesOf(await source.next())).toEqual(["line 2", "line 3"]);
  expect(linesOf(await source.next())).toEqual(["line 4"]);
  source.close();
});

test("a log that is not there yet says so, and is no failure", async () => {
  const missing = new TalosError("10.0.0.5:50000 does not have it.", { kind: "not-found", method: "", address: "" });
  const source = lineSource({ open: async () => Promise.reject(missing), mayBeAbsent: true });
  const frames = (await source.next())?.map(({ data }) => JSON.parse(data) as unknown);
  expect(frames).toEqual([{ type: "none", message: expect.stringContaining("no log yet") }]);
  expect(await source.next()).toBeNull();
});
