import { status } from "@grpc/grpc-js";
import { ContainerDriver } from "@/lib/talos/gen/common/common";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import type { LogsRequest } from "@/lib/talos/gen/machine/files";
import { atLeast } from "../factory/releases";
import { InvalidEventId } from "../node/event-ring";
import { LogBuffer } from "../node/log-buffer";
import type { SimNode } from "../node/node";
import { containersOf } from "./machine-containers";
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
    if (follow) await out.untilOver();
  } finally {
    stop();
  }
}

/** Talos' own logs are of namespace `system`, and the kubelet's of any; the rest are those of containers, which say one line. */
function logOf(node: SimNode, { namespace, id, driver }: LogsRequest): LogBuffer {
  if (namespace === "system" || id === "kubelet") {
    const buffer = id === "kernel" ? node.kernelLog : node.logs.get(id);
    if (buffer) return buffer;
    throw new RpcError(status.UNKNOWN, `log "${id}" was not registered`);
  }
  if (namespace === "" && atLeast(node.running.release, "1.13.0"))
    throw new RpcError(status.INVALID_ARGUMENT, "namespace can't be empty");
  if (driver === ContainerDriver.CRI && namespace !== "k8s.io")
    throw new RpcError(status.UNKNOWN, "CRI inspector is supported only for K8s namespace");
  const container = containersOf(node, namespace, driver).find((one) => one.id === id);
  if (!container) throw new RpcError(status.UNKNOWN, `container "${id}" not found`);
  const log = new LogBuffer();
  log.append(`${new Date(node.bootedAtMs).toISOString()} stdout F ${container.name} started`);
  return log;
}

export function streamsPart(rpc: Rpc): Part {
  return {
    events: rpc.stream(async ({ node }, request, out) => {
      const { events } = node;
      await out.send(events.hello(request.withActorId));
      const asked = [request.tailEvents !== 0, request.tailId !== "", request.tailSeconds !== 0].filter(Boolean);
      if (asked.length > 1)
        throw new RpcError(status.UNKNOWN, "only one of tail_events, tail_id and tail_seconds can be specified");
      const wanted = (actorId: string) => request.withActorId === "" || actorId === request.withActorId;
      try {
        for (const event of events.tail(request)) if (wanted(event.actorId)) void out.send(event);
      } catch (error) {
        if (!(error instanceof InvalidEventId)) throw error;
        throw new RpcError(status.UNKNOWN, `error parsing tail_id: ${error.message}`);
      }
      const stop = events.follow((event) => {
        if (wanted(event.actorId)) void out.send(event);
      });
      try {
        await out.untilOver();
      } finally {
        stop();
      }
    }),
    logs: rpc.stream(({ node }, request, out) => sendLog(out, logOf(node, request), request.tailLines, request.follow)),
    dmesg: rpc.stream(async ({ node }, request, out) => {
      // A record of the kernel log has its line feed.
      const send = (line: string) => out.send(data(Buffer.from(`${line}\n`, "utf8")));
      const past = request.tail ? [] : node.kernelLog.tail(-1);
      const stop = request.follow ? node.kernelLog.follow((line) => void send(line)) : () => undefined;
      try {
        for (const line of past) void send(line);
        if (request.follow) await out.untilOver();
      } finally {
        stop();
      }
    }),
  };
}
