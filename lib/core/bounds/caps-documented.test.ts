import fs from "node:fs";
import { expect, test } from "vitest";
import { factoryCaps, kubernetesCaps, nodeCaps, turnMs } from "@/lib/core/bounds/input-caps";

const kib = 1024;
const mib = 1024 * kib;
const count = (value: number) => new Intl.NumberFormat("en-US").format(value);

/** In the unit of its name. */
function shown(name: string, value: number): string {
  if (/bytes/i.test(name)) {
    const perSecond = name.endsWith("PerSecond") ? " a second" : "";
    return (value % mib === 0 ? `${value / mib} MiB` : `${value / kib} KiB`) + perSecond;
  }
  if (name.endsWith("Ms")) return value % 60_000 === 0 ? `${value / 60_000} min` : `${value / 1000} s`;
  return name.endsWith("PerSecond") ? `${count(value)} a second` : count(value);
}

const rows = (of: string, caps: Record<string, number>): string[] =>
  Object.entries(caps).map(([name, value]) => `| ${of} | ${name} | ${shown(name, value)} |`);

/** SECURITY.md is written for people, and what it says of a cap is what the code does. */
test("SECURITY.md lists every cap with its value", () => {
  const text = fs.readFileSync("SECURITY.md", "utf8");
  const wanted = [
    ...rows("node", nodeCaps),
    ...rows("factory", factoryCaps),
    ...rows("kubernetes", kubernetesCaps),
    `| all | turnMs | ${turnMs} ms |`,
  ];
  const start = text.indexOf("| Of | Cap | Value |");
  const listed = text
    .slice(start)
    .split("\n")
    .slice(2)
    .filter((line, index, lines) => lines.slice(0, index + 1).every((before) => before.startsWith("|")))
    .map((line) => line.replaceAll(/ +/g, " ").trim());
  expect(listed).toEqual(wanted);
});
