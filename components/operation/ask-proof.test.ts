import { afterEach, expect, test, vi } from "vitest";
import { offerProof, withProof } from "./ask-proof";

afterEach(() => offerProof(null));
const refused = { ok: false as const, error: { code: "proof-needed" as const } };
const done = { ok: true as const };

test("asks for a proof only where the server wants one, then does what was asked", async () => {
  const asker = vi.fn(async () => true);
  offerProof(asker);
  const run = vi.fn<() => Promise<typeof done | typeof refused>>(async () => done);
  expect(await withProof(run)).toBe(done);
  expect(asker).not.toHaveBeenCalled();
  run.mockClear().mockResolvedValueOnce(refused);
  expect(await withProof(run)).toBe(done);
  expect([run.mock.calls.length, asker.mock.calls.length]).toEqual([2, 1]);
});

test("who declines, or has nothing to be asked with, gets the refusal, and nothing is done twice", async () => {
  const run = vi.fn(async () => refused);
  expect(await withProof(run)).toBe(refused);
  offerProof(async () => false);
  expect(await withProof(run)).toBe(refused);
  expect(run).toHaveBeenCalledTimes(2);
});
