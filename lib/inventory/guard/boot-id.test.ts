import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import type { TalosClient } from "@/lib/talos/client";
import { readBoot } from "./boot-id";

type Answer = string | number | Error;
const unknown = new AppError("not-found", "There is no such resource.");
const bug = new TypeError("a bug");

function clientOf(boot: Answer, started: Answer = unknown) {
  const asked: unknown[] = [];
  const answer = async (found: Answer, options: unknown) => {
    asked.push(options);
    if (found instanceof Error) throw found;
    return found;
  };
  // Cut to the two calls that are made.
  const client = {
    get: async (_: unknown, id: unknown, options: unknown) => ({ spec: { bootId: await answer(boot, [id, options]) } }),
    systemStat: async (options: unknown) => ({ bootTimeMs: await answer(started, options) }),
  } as unknown as TalosClient;
  return { client, asked };
}

describe("a boot is named", () => {
  test.each<[string, Answer, Answer, string | null]>([
    ["by its ID, as Talos 1.14 tells it", "boot-1", 5_000, "boot-1"],
    ["before that by the second in which the kernel started", unknown, 1_700_000_000_499, "started 1700000000"],
    ["rounded, as the clock that it is made of", unknown, 1_700_000_000_500, "started 1700000001"],
    ["by nothing where no time is told", unknown, 0, null],
    ["by nothing where nobody answers", unknown, unknown, null],
  ])("%s", async (_, boot, started, expected) => expect(await readBoot(clientOf(boot, started).client)).toBe(expected));

  test.each<[string, Answer, Answer]>([
    ["the first", bug, 5_000],
    ["the second", unknown, bug],
  ])("a fault of ours in %s question is none of the node's", async (_, boot, started) =>
    expect(readBoot(clientOf(boot, started).client)).rejects.toBe(bug),
  );

  test("within eight seconds for each question, and no longer than its asker waits", async () => {
    const { signal } = new AbortController();
    const { client, asked } = clientOf(unknown, 5_000);
    await readBoot(client, signal);
    expect(asked).toEqual([[undefined, { deadlineMs: 8_000, signal }], { deadlineMs: 8_000, signal }]);
    const bare = clientOf("boot-1");
    await readBoot(bare.client);
    expect(bare.asked).toEqual([[undefined, { deadlineMs: 8_000 }]]);
  });
});
