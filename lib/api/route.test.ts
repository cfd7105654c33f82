import { expect, test, vi } from "vitest";
import type { Actor } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { readJson } from "./route";

const actor = (role: Role): Actor => ({ kind: "user", id: `user_${role}`, name: role, role });
const sent = (body: string, role: Role = "operator") =>
  readJson(new Request("http://127.0.0.1/", { method: "POST", body }), actor(role));
const mebibyte = 1024 * 1024;

test("a body is read, and none is an empty object", async () => {
  expect(await sent('{"a":["b,c:[{",1]}')).toEqual({ a: ["b,c:[{", 1] });
  expect(await sent(" ")).toEqual({});
  await expect(sent("{")).rejects.toThrow("The body is not JSON.");
});

test.each([
  ["lists", `[${"[],".repeat(mebibyte)}1]`, "holds more than 100000 values"],
  ["members", `{${Array.from({ length: 200_000 }, (_, at) => `"${at}":1`).join()}}`, "holds more than 100000 values"],
  ["levels", "[".repeat(mebibyte), "nested more than 64 levels deep"],
])("too many %s are refused before anything is built of them", async (_, body, words) => {
  const parse = vi.spyOn(JSON, "parse");
  await expect(sent(body)).rejects.toThrow(words);
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});

test.each<[Role, number, boolean]>([
  ["viewer", 1, true],
  ["viewer", 2, false],
  ["auditor", 2, false],
  ["operator", 3, true],
  ["admin", 3, true],
  ["admin", 5, false],
])("a %s may send %d MiB: %s", async (role, mebibytes, taken) => {
  const body = `{"a":"${"x".repeat(mebibytes * mebibyte - 20)}"}`;
  const outcome = await sent(body, role).then(
    () => "read",
    (error: Error) => error.message,
  );
  const most = role === "viewer" || role === "auditor" ? 1 : 4;
  expect(outcome).toBe(taken ? "read" : `The body is longer than ${most}\u00a0MiB.`);
});
