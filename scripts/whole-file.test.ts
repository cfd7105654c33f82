import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { writeWhole } from "./whole-file.mjs";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-whole-file-"));
const file = path.join(dir, "facts.json");

describe("a file that other processes read", () => {
  afterEach(() => fs.rmSync(file, { force: true }));

  test("is never seen half written, while another process writes it again and again", async () => {
    writeWhole(file, "[]");
    const script = `
      import { writeWhole } from ${JSON.stringify(path.join(import.meta.dirname, "whole-file.mjs"))};
      for (let round = 1; round <= 300; round++) writeWhole(${JSON.stringify(file)}, JSON.stringify(Array(20_000).fill(round)));
    `;
    const writer = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
    const ended = once(writer, "exit");
    const seen = new Set<number>();
    let running = true;
    void ended.then(() => (running = false));
    while (running) {
      const numbers = JSON.parse(fs.readFileSync(file, "utf8")) as number[];
      seen.add(numbers[0] ?? 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ended).toEqual([0, null]);
    expect(seen.size).toBeGreaterThan(5);
    expect(fs.readdirSync(dir)).toEqual(["facts.json"]);
  });

  test("is for its owner's eyes only, also where a killed writer left a part", () => {
    fs.writeFileSync(`${file}.new`, "[1, 2");
    writeWhole(file, "[3]");
    expect(fs.readFileSync(file, "utf8")).toBe("[3]");
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });
});
