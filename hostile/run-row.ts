import fs from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { begin } from "./act";
import { measure } from "./children";
import { within } from "./console-watch";
import { backWithin, judge, type Seen, type Verdict } from "./judge";
import type { Row } from "./rows";
import { nodesOf, type Stage } from "./stage";

const aloneMs = 5_000;
const leastMs = 8_000;
/** A collection of the whole heap comes by itself, now and then. */
const backMs = 60_000;

const kib = 1024;
const field = (pid: number, name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * kib;

/** Memory of the server, highest value since it was begun to be looked at. */
function watchMemory(pid: number) {
  let peak = field(pid, "VmRSS");
  const timer = setInterval(() => (peak = Math.max(peak, field(pid, "VmRSS"))), 100);
  return { end: () => (clearInterval(timer), peak) };
}

/** Nodes that should be healthy and are not shown so. */
async function unhealthy({ console }: Stage, healthy: readonly string[]): Promise<string[]> {
  const nodes = await nodesOf(console);
  return healthy.filter((name) => nodes.find((node) => node.name === name)?.reachability.state !== "reachable");
}

export type RowResult = { seen: Seen; verdict: Verdict };

/** Runs one row: alone, beside a hostile peer, alone again. */
export async function runRow(stage: Stage, row: Row, victim: string, healthy: readonly string[]): Promise<RowResult> {
  const { meter, serverPid } = stage;
  const { measured: before } = await measure(meter, () => wait(aloneMs));
  const residentBefore = field(serverPid, "VmRSS");
  const memory = watchMemory(serverPid);
  const { measured: during, value: wrong } = await measure(meter, async () => {
    const least = wait(leastMs);
    const act = await begin(stage, row, victim, healthy);
    try {
      const said = await act.shown();
      await least;
      const ill = await unhealthy(stage, healthy);
      return ill.length > 0 ? [...said, `not healthy beside it: ${ill.join(", ")}`] : said;
    } finally {
      await act.end();
    }
  });
  const residentPeak = memory.end();
  const { measured: after } = await measure(meter, () => wait(aloneMs));
  let residentAfter = field(serverPid, "VmRSS");
  await within(backMs, async () => {
    residentAfter = field(serverPid, "VmRSS");
    return residentAfter <= residentBefore * (1 + backWithin) ? true : null;
  });
  const seen = { before, during, after, residentBefore, residentPeak, residentAfter, wrong };
  return { seen, verdict: judge(seen) };
}
