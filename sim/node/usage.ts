import { loadAt, uptimeSeconds, workSeconds } from "./load";
import type { SimNode } from "./node";

const whole = (value: number): bigint => BigInt(Math.max(0, Math.floor(value)));

/** All hardware threads of a machine. */
export const threadsOf = ({ machine }: SimNode): number => machine.processor.threads * machine.processor.sockets;

/** How unevenly the threads of a machine are used. */
const shareOf = (thread: number): number => 0.85 + (0.3 * ((thread * 7919) % 101)) / 101;

function cpuSeconds(node: SimNode, threads: number, share: number) {
  const busy = workSeconds(node) * threads * share;
  const total = uptimeSeconds(node) * threads;
  return {
    user: busy * 0.72,
    system: busy * 0.24,
    iowait: busy * 0.02,
    softIrq: busy * 0.02,
    idle: Math.max(0, total - busy),
  };
}

/** What /proc/stat counts since boot. */
export function kernelCounters(node: SimNode) {
  const threads = threadsOf(node);
  const work = workSeconds(node);
  return {
    cpuTotal: cpuSeconds(node, threads, 1),
    cpu: Array.from({ length: threads }, (_, thread) => cpuSeconds(node, 1, shareOf(thread))),
    irqTotal: whole(work * 24_000),
    contextSwitches: whole(work * 41_000),
    processCreated: whole(4_000 + work * 12),
    processRunning: whole(1 + loadAt(node, node.world.clock.nowMs()) * threads),
    processBlocked: 0n,
    softIrqTotal: whole(work * 11_000),
  };
}

/** What /proc/meminfo says, in KiB. */
export function memoryKib(node: SimNode) {
  const total = node.machine.memoryBytes / 1024;
  const used = total * (0.14 + 0.5 * loadAt(node, node.world.clock.nowMs()));
  const cached = total * 0.21;
  const buffers = total * 0.004;
  return {
    total: whole(total),
    free: whole(total - used - cached - buffers),
    available: whole(total - used),
    buffers: whole(buffers),
    cached: whole(cached),
    active: whole(used * 0.6),
    inactive: whole(cached * 0.7),
    slab: whole(total * 0.01),
    reclaimable: whole(total * 0.006),
    mapped: whole(total * 0.01),
    anonymous: whole(used * 0.5),
    hugepagesize: 2048n,
  };
}
