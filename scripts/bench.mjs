import "./check-node.mjs";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { measure } from "../bench/measure.mjs";
import { report, scriptAimBytes } from "../bench/report.mjs";
import { findBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { onStopSignal } from "./processes.mjs";
import { setUp } from "./setup.mjs";

const usage = `Usage: npm run bench -- [options]
  --smoke      50 nodes and few samples: does everything still measure?
  --nodes N    so many simulated nodes (1000)
  --json PATH  write the figures there too
`;

/** Takes `--name value` from the arguments. */
const valueOf = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};

async function run() {
  if (process.argv.includes("--help")) return console.log(usage);
  if (process.platform !== "linux") throw new Plain("The bench needs Linux: its simulated nodes are on 127.0.0.0/8.");
  const smoke = process.argv.includes("--smoke");
  const nodes = Number(valueOf("--nodes") ?? (smoke ? 50 : 1000));
  if (!Number.isInteger(nodes) || nodes < 4) throw new Plain("--nodes must be a whole number from 4 on.");
  await setUp();
  build();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-bench-"));
  const stopping = new AbortController();
  onStopSignal(() => stopping.abort());
  try {
    const figures = await measure({
      dir,
      nodes,
      samples: smoke ? 16 : 100,
      browserPath: await findBrowser(),
      signal: stopping.signal,
      say: (text) => console.log(`- ${text}`),
    });
    console.log(report(figures));
    const file = valueOf("--json");
    if (file) fs.writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
    // Sizes do not depend on the machine, as times do: a page that grew past the aim is a fault.
    const heavy = Object.entries(figures.scriptBytes).filter(([, bytes]) => bytes > scriptAimBytes);
    if (heavy.length > 0)
      throw new Plain(
        `More first-load JavaScript than ${scriptAimBytes / 1000} KB: ${heavy.map(([page]) => page).join(", ")}.`,
      );
    // Nor does the number of threads. Each has a heap of its own, of 40 MB and more.
    const threads = figures.fullThreads - figures.emptyThreads;
    if (threads > 0)
      throw new Plain(`${threads} more threads stand with nodes than without: none is to stay that has no work.`);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(run);
