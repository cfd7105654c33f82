import fs from "node:fs";
import { Session } from "node:inspector/promises";
import { isMainThread } from "node:worker_threads";

// Loaded into the console that is measured. At SIGUSR2 it collects garbage and writes what is still held to ICHOR_BENCH_MEMORY.
const file = process.env.ICHOR_BENCH_MEMORY;

async function tell() {
  const session = new Session();
  session.connect();
  // As often as V8 finds more to collect, unlike gc(), which leaves three times as much.
  await session.post("HeapProfiler.collectGarbage");
  session.disconnect();
  const { heapUsed, external } = process.memoryUsage();
  fs.writeFileSync(`${file}.new`, JSON.stringify({ liveBytes: heapUsed + external }));
  fs.renameSync(`${file}.new`, file);
}

if (isMainThread && file) process.on("SIGUSR2", () => void tell());
