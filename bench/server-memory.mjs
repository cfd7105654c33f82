import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../scripts/root.mjs";

/** Settings of a console that tells what it holds (`liveBytes`). */
export const tellingMemory = (file) => ({
  ICHOR_BENCH_MEMORY: file,
  NODE_OPTIONS: `--import ${pathToFileURL(path.join(root, "bench/tell-memory.mjs")).href}`,
});

/** A number of `/proc/PID/status` (Linux). */
function statusOf(pid, name) {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (!value) throw new Error(`The console's ${name} could not be read.`);
  return Number(value);
}

/** Resident bytes of a process, with garbage that waits to be collected. */
export const residentBytes = (pid) => statusOf(pid, "VmRSS") * 1024;

/** A thread has a heap of its own, which the live bytes of its process do not count. */
export const threadsOf = (pid) => statusOf(pid, "Threads");

/** Bytes that a telling console still holds after a whole collection: the heap of its main thread, and buffers. */
export async function liveBytes(pid, file) {
  fs.rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const untilMs = performance.now() + 120_000;
  while (!fs.existsSync(file)) {
    if (performance.now() > untilMs) throw new Error("The console did not tell what it holds.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return JSON.parse(fs.readFileSync(file, "utf8")).liveBytes;
}
