import { expect, test, vi } from "vitest";
import { guardConsole } from "./console-guard";
import { log } from "./log";
import { onOneLine } from "./plain-text";

const hostile = [
  "\u001b[2J\u001b[31mred",
  "\u001b]0;title\u0007x",
  "\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\",
  "\u009b31mC1",
  "a\r\n2026-12-01T00:00:00.000Z info All is well",
  "a\u2028b\u2029c\u0085d\u000be\u000cf",
  "\u202egnirts\u202c \u2066x\u2069 \u200bzero\ufeff \u{e0041}tag",
  "\ud800 alone",
  "\u0000\u0007\u0008\u007f",
];
const forbidden = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

test.each(hostile)("%j is one harmless line", (text) => {
  const line = onOneLine(text);
  expect(line).not.toMatch(forbidden);
  expect(line).not.toMatch(/\p{Cs}/u);
  expect(line).not.toContain("[31m");
});

test("words of all languages and signs stay", () => {
  for (const text of ["Größe 中文 עברית 🙂 ⏎", "a b"]) expect(onOneLine(text)).toBe(text);
  expect(onOneLine("x".repeat(5000))).toHaveLength(2000);
});

test("whatever is written to the console, by anybody, is one line", () => {
  const lines: string[] = [];
  const keep = (...parts: unknown[]) => void lines.push(parts.slice(1).map(String).join(" "));
  const sink = { log: keep, info: keep, warn: keep, error: keep, debug: keep, trace: keep, dir: keep };
  guardConsole(sink);
  guardConsole(sink);
  for (const text of hostile) {
    sink.error("⨯ Failed to find Server Action %s", text);
    sink.log(new Error(text, { cause: new Error(text) }));
    sink.warn({ header: text }, [text]);
    sink.trace(text);
    sink.dir({ text });
  }
  expect(lines).toHaveLength(hostile.length * 5);
  for (const line of lines) expect(line).not.toMatch(forbidden);
});

test("our own log writes one line per entry, names and values included", () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => undefined);
  for (const text of hostile) log.warn(text, { [`field`]: text });
  log.unexpected("It broke", new Error(hostile.join("")));
  for (const [line] of written.mock.calls) expect(String(line)).not.toMatch(forbidden);
  written.mockRestore();
});
