import { createRequire } from "node:module";
import path from "node:path";
import { root } from "./root.mjs";

/** Where the console looks for it (lib/core/off-thread/pool.ts). */
export const workerFile = path.join(root, ".next/off-thread.cjs");

/** Bundles what runs in threads of its own into one file: a thread is no part of Next's bundle. */
export function buildWorker(outfile = workerFile) {
  // Loaded when it is used: the commands that install the dependencies import this file before they are there.
  const esbuild = createRequire(import.meta.url)("esbuild");
  esbuild.buildSync({
    absWorkingDir: root,
    entryPoints: ["lib/api/off-thread-worker.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    tsconfig: path.join(root, "tsconfig.json"),
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
}
