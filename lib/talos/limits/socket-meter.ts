import type { Socket } from "node:net";
import { createBucket, type Bucket } from "@/lib/core/bounds/bucket";
import type { NodeRates } from "@/lib/talos/limits/connection-limits";

type Metered = { socket: Socket; readBytes: number; bucket: Bucket; onExcess: () => void };

const intervalMs = 1_000;
const metered = new Set<Metered>();
let timer: NodeJS.Timeout | null = null;

function look(): void {
  for (const entry of metered) {
    const { socket, bucket } = entry;
    const bytes = socket.bytesRead - entry.readBytes;
    entry.readBytes = socket.bytesRead;
    if (bytes <= 0 || bucket.take(bytes) === 0) continue;
    metered.delete(entry);
    entry.onExcess();
  }
}

/**
 * Looks once a second at what came through a socket: frames without a message (pings, empty data) are counted nowhere else. `onExcess` is
 * called once. Ends with the socket.
 */
export function meterSocket(socket: Socket, rates: NodeRates, onExcess: () => void): void {
  const { socketBytesPerSecond: perSecond, socketBytesAtOnce: atOnce } = rates;
  const entry = { socket, readBytes: socket.bytesRead, bucket: createBucket({ perSecond, atOnce }), onExcess };
  metered.add(entry);
  timer ??= setInterval(look, intervalMs).unref();
  socket.once("close", () => {
    metered.delete(entry);
    if (metered.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  });
}
