import { expect, it } from "vitest";
import { localPath } from "./local-path";

it("keeps paths of this console and nothing that leads elsewhere", () => {
  expect(localPath("/nodes?status=ready")).toBe("/nodes?status=ready");
  for (const from of [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "nodes",
    undefined,
    ["/a"],
  ]) {
    expect(localPath(from)).toBe("/");
  }
});
