import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

// `npm test` and `npm run demo` install the dependencies themselves, in a clone that has none.
test.each(fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith(".mjs")))(
  "%s imports no package that may not be installed yet",
  (name) => {
    const text = fs.readFileSync(path.join(import.meta.dirname, name), "utf8");
    const pattern = /^(?:import|export)\b[^"'\n]*?\bfrom\s*["']([^"']+)["']|^import\s+["']([^"']+)["']/gm;
    const imported = [...text.matchAll(pattern)].map(([, from, alone]) => from ?? alone ?? "");
    expect(imported.filter((from) => !/^(?:node:|\.)/.test(from))).toEqual([]);
  },
);
