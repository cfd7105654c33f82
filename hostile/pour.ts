import type { ServerWritableStream } from "@grpc/grpc-js";

/** Writes without end as fast as it is taken, or `perSecond` at most. */
export function pour<Message>(
  call: ServerWritableStream<never, Message>,
  next: (index: number) => Message,
  perSecond = Infinity,
): void {
  let sent = 0;
  const startMs = performance.now();
  const due = () => (perSecond === Infinity ? Infinity : ((performance.now() - startMs) * perSecond) / 1000);
  const pump = () => {
    while (!call.cancelled && !call.destroyed && sent < due()) {
      if (!call.write(next(sent++))) return void call.once("drain", pump);
      if (sent % 64 === 0) return void setImmediate(pump);
    }
    if (!call.cancelled && !call.destroyed) setTimeout(pump, 10);
  };
  call.on("error", () => undefined);
  pump();
}
