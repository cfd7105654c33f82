import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { SseSource } from "@/lib/live/sse";
import { openNodeClient } from "./access";
import { lineSource } from "./line-source";
import { maxTailLines } from "./log-frames";
import { requirePossible } from "./node-commands";

export type LogsOptions = {
  /** A Talos service (`kubelet`), or with `kubernetes` a container id. */
  service: string;
  kubernetes?: boolean;
  tailLines: number;
  follow: boolean;
  /** A reconnection: the past was sent already. */
  resumed?: boolean;
};

async function* closing(lines: AsyncIterable<string>, close: () => void): AsyncGenerator<string> {
  try {
    yield* lines;
  } finally {
    close();
  }
}

/** Ends with the signal even while a line is awaited, and closes the client then. */
async function openLines(
  nodeId: string,
  signal: AbortSignal,
  lines: (client: Awaited<ReturnType<typeof openNodeClient>>) => AsyncIterable<string>,
) {
  const client = await openNodeClient(nodeId, "reader", { signal });
  signal.addEventListener("abort", () => client.close(), { once: true });
  return closing(lines(client), () => client.close());
}

/**
 * Log lines of a service as `logFrame` messages, oldest first.
 * @throws AppError `not-found`, `refused` before the stream begins; later failures are frames.
 */
export function streamLogs(_ctx: Ctx, nodeId: string, options: LogsOptions): SseSource {
  const { services } = requirePossible(nodeId, "readLogs");
  const { service: id, kubernetes = false, follow, resumed = false } = options;
  const tailLines = resumed ? 0 : Math.min(options.tailLines, maxTailLines);
  return lineSource({
    first: resumed ? [{ type: "gap" }] : [],
    open: (signal) =>
      openLines(nodeId, signal, (client) =>
        client.logs({ id, namespace: kubernetes ? "k8s.io" : "system", follow, tailLines }, { signal, heldBack: true }),
      ),
    mayBeAbsent: !kubernetes && services.some((service) => service.id === id),
    // Any id makes the browser say that it was here before.
    idOf: () => "seen",
  });
}

/** `kern: info: [2026-11-22T21:48:38.1Z]: text` → the time. */
const kernelTime = (line: string): string | undefined => /^\S+:\s+\S+:\s+\[([^\]]{1,40})\]:/.exec(line)?.[1];

async function* after(lines: AsyncIterable<string>, time: string | null): AsyncGenerator<string> {
  for await (const line of lines) {
    const at = kernelTime(line);
    if (time === null || at === undefined || Date.parse(at) > Date.parse(time)) yield line;
  }
}

/** The kernel log as `logFrame` messages; goes on after the record with the time `lastTime`. @throws as `streamLogs`. */
export function streamDmesg(
  _ctx: Ctx,
  nodeId: string,
  { follow, lastTime }: { follow: boolean; lastTime: string | null },
): SseSource {
  requirePossible(nodeId, "readLogs");
  const from = lastTime !== null && Number.isFinite(Date.parse(lastTime)) ? lastTime : null;
  return lineSource({
    open: (signal) =>
      openLines(nodeId, signal, (client) =>
        after(client.dmesg({ follow, tail: false }, { signal, heldBack: true }), from),
      ),
    idOf: kernelTime,
  });
}
