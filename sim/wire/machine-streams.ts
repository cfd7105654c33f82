import { status } from "@grpc/grpc-js";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import type { LogBuffer } from "../node/log-buffer";
import { RpcError, type Out, type Rpc } from "./rpc";

type Part = Pick<MachineServiceServer, "events" | "logs" | "dmesg">;
type Data = { metadata: undefined; bytes: Buffer };

const data = (bytes: Buffer): Data => ({ metadata: undefined, bytes });

/** Log frames are raw chunks of about a kilobyte, cut wherever that falls (Talos pkg/chunker). */
const chunkBytes = 1024;

async function sendChunks(out: Out<Data>, text: string): Promise<void> {
  const bytes = Buffer.from(text, "utf8");
  for (let offset = 0; offset < bytes.length; offset += chunkBytes)
    await out.send(data(bytes.subarray(offset, offset + chunkBytes)));
}

async function sendLog(out: Out<Data>, buffer: LogBuffer, tail: number, follow: boolean): Promise<void> {
  const past = buffer.tail(tail);
  const stop = follow
    ? buffer.follow((line) => void out.send(data(Buffer.from(`${line}\n`, "utf8"))))
    : () => undefined;
  try {
    await sendChunks(out, past.map((line) => `${line}\n`).join(""));
    if (follow) await out.untilGone();
  } finally {
    stop();
  }
}

export function streamsPart(rpc: Rpc): Part {
  return {
    events: rpc.stream(async ({ node }, request, out) => {
      const asked = [request.tailEvents !== 0, request.tailId !== "", request.tailSeconds !== 0].filter(Boolean);
      if (asked.length > 1)
        throw new RpcError(status.INVALID_ARGUMENT, "only one of tail_events, tail_id, tail_seconds can be set");
      const wanted = (actorId: string) => request.withActorId === "" || actorId === request.withActorId;
      await out.send({ metadata: undefined, data: { typeUrl: "", value: Buffer.alloc(0) }, id: "", actorId: "" });
      const stop = node.events.follow((event) => {
        if (wanted(event.actorId)) void out.send(event);
      });
      try {
        for (const event of node.events.tail(request)) if (wanted(event.actorId)) void out.send(event);
        await out.untilGone();
      } finally {
        stop();
      }
    }),
    logs: rpc.stream(async ({ node }, request, out) => {
      if (request.namespace !== "" && request.namespace !== "system")
        throw new RpcError(status.UNKNOWN, `log "${request.id}" was not registered`);
      if (request.id === "kernel" || request.id === "machined")
        return sendLog(out, node.kernelLog, request.tailLines, request.follow);
      const buffer = node.logs.get(request.id);
      if (!buffer) throw new RpcError(status.UNKNOWN, `log "${request.id}" was not registered`);
      return sendLog(out, buffer, request.tailLines, request.follow);
    }),
    dmesg: rpc.stream(async ({ node }, request, out) => {
      const send = (line: string) => out.send(data(Buffer.from(line, "utf8")));
      const stop = request.follow ? node.kernelLog.follow((line) => void send(line)) : () => undefined;
      try {
        if (!request.tail) for (const line of node.kernelLog.tail(-1)) await send(line);
        if (request.follow) await out.untilGone();
      } finally {
        stop();
      }
    }),
  };
}
