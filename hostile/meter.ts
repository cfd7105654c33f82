import http from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

/*
 * A process of its own that asks one address again and again, and does nothing else, so that what it measures is not its own work.
 * First argument: the address. It prints where it listens: `GET /begin` begins, `GET /end` ends and tells.
 */
const [address = ""] = process.argv.slice(2);
const everyMs = 25;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** Milliseconds until the answer is there, from when it was to be asked for; null for a refusal or none within 10 s. */
const ask = (dueMs: number): Promise<number | null> =>
  new Promise((resolve) => {
    const request = http.get(address, { agent, timeout: 10_000 }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200 ? performance.now() - dueMs : null));
      response.once("error", () => resolve(null));
    });
    request.once("timeout", () => request.destroy(new Error("no answer")));
    request.once("error", () => resolve(null));
  });

type Run = { stop: () => void; measured: Promise<unknown> };

/** Asks at fixed times, whether the one before was answered or not: whoever waits for a slow answer would not see the others. */
function begin(): Run {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const ending = new AbortController();
  const asked: Promise<number | null>[] = [];
  delay.enable();
  const run = async () => {
    const startMs = performance.now();
    while (!ending.signal.aborted) {
      await wait(Math.max(0, startMs + asked.length * everyMs - performance.now()));
      // From here on: the meter's own delay is not the server's.
      asked.push(ask(performance.now()));
    }
    const answers = await Promise.all(asked);
    delay.disable();
    const times = answers.filter((ms) => ms !== null).sort((one, other) => one - other);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
    const ownP99Ms = delay.percentile(99) / 1e6;
    const failed = answers.length - times.length;
    return { asked: asked.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1), ownP99Ms };
  };
  return { stop: () => ending.abort(), measured: run() };
}

let running: Run | null = null;
const server = http.createServer((request, response) => {
  if (request.url === "/begin") {
    running = begin();
    return void response.end("{}");
  }
  running?.stop();
  void (running?.measured ?? Promise.resolve(null)).then((measured) => response.end(JSON.stringify(measured)));
});
server.listen(0, "127.0.0.1", () => {
  const place = server.address();
  if (typeof place === "object" && place) console.log(`http://127.0.0.1:${place.port}`);
});
