import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { errorResponse } from "@/lib/operation/http";
import { describeError } from "@/lib/operation/run-operation";
import { AppError, StorageUnavailable } from "./errors";
import { tryLater } from "./try-later";

const lib = path.resolve(import.meta.dirname, "..");

test.each([
  [1, "1\u00a0s", 1],
  [2_001, "3\u00a0s", 3],
  [90_000, "1\u00a0min 30\u00a0s", 90],
])("%d ms is said in words and in seconds", (afterMs, words, seconds) => {
  const error = tryLater("rate-limited", "That was too much.", afterMs, { hint: "Close a tab." });
  expect(error.message).toBe(`That was too much. Try again in ${words}.`);
  const described = describeError(error, "request_1", "test");
  expect(described).toMatchObject({ retryAfterSeconds: seconds, hint: "Close a tab." });
  const response = errorResponse(described);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, String(seconds)]);
});

test("every 429 and 503 has the header, and nothing else has", () => {
  const header = (error: unknown) => errorResponse(describeError(error, "r", "test")).headers.get("retry-after");
  expect(header(tryLater("unavailable", "Full.", 5_000))).toBe("5");
  expect(header(new AppError("unavailable", "The node is away."))).toBe("15");
  expect(header(new StorageUnavailable("The database is busy.", "Try again."))).toBe("15");
  expect(header(new AppError("refused", "No."))).toBeNull();
});

test("no refusal by a limit is made without saying when to try again", () => {
  const files = fs
    .readdirSync(lib, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes(".test.") && !file.includes("gen/"));
  expect(files.length).toBeGreaterThan(300);
  const byHand = /new AppError\(\s*"rate-limited"/;
  const others = files.filter((file) => byHand.test(fs.readFileSync(path.join(lib, file), "utf8")));
  expect(others).toEqual([]);
});
