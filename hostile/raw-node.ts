import { randomBytes } from "node:crypto";
import { createServer as createNetServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { ServerIdentity } from "./false-node";

/** What a machine does that takes connections and does not speak the API as it should. */
export const rawTricks = ["silent", "slow-bytes", "garbage-http2", "garbage-grpc", "garbage-protobuf"] as const;
export type RawTrick = (typeof rawTricks)[number];

/** A frame of HTTP/2: type, flags, stream, payload (RFC 9113, 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const settings = frame(4, 0, 0, Buffer.alloc(0));
const settingsAck = frame(4, 1, 0, Buffer.alloc(0));
/** `:status: 200` from the static table, then `content-type: application/grpc` as a literal (RFC 7541). */
const literal = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const headers = Buffer.concat([Buffer.from([0x88, 0x00]), literal("content-type"), literal("application/grpc")]);
/** A message of gRPC whose head says how long it is. */
const message = (says: number, bytes: Buffer) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(says, 1);
  return Buffer.concat([head, bytes]);
};

/** Answers each stream that is opened with headers and garbage. */
function answerStreams(socket: TLSSocket, body: () => Buffer): void {
  socket.write(Buffer.concat([settings, settingsAck]));
  let rest = Buffer.alloc(0);
  let preface = 24;
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (preface > 0) {
      const taken = Math.min(preface, rest.length);
      rest = rest.subarray(taken);
      preface -= taken;
    }
    while (rest.length >= 9) {
      const length = rest.readUIntBE(0, 3);
      if (rest.length < 9 + length) return;
      const [type, stream] = [rest.readUInt8(3), rest.readUInt32BE(5)];
      rest = rest.subarray(9 + length);
      if (type !== 1) continue;
      socket.write(Buffer.concat([frame(1, 4, stream, headers), frame(0, 0, stream, body())]));
    }
  });
}

const tricks: Record<Exclude<RawTrick, "silent">, (socket: TLSSocket) => void> = {
  "slow-bytes": (socket) => {
    const all = Buffer.concat([settings, settingsAck, frame(1, 4, 1, headers), frame(0, 0, 1, Buffer.alloc(1_000))]);
    let at = 0;
    const timer = setInterval(() => socket.write(all.subarray(at, ++at)), 1_000);
    socket.on("close", () => clearInterval(timer));
  },
  "garbage-http2": (socket) => {
    const pump = () => {
      while (!socket.destroyed) if (!socket.write(randomBytes(16_384))) return void socket.once("drain", pump);
    };
    pump();
  },
  "garbage-grpc": (socket) => answerStreams(socket, () => message(0xffff_ffff, randomBytes(64))),
  "garbage-protobuf": (socket) => answerStreams(socket, () => message(512, randomBytes(512))),
};

/** Takes connections at an address and misuses them. @returns what ends it at once */
export async function serveRaw(
  { host, port }: { host: string; port: number },
  { certPem, keyPem, caPem }: ServerIdentity,
  trick: RawTrick,
): Promise<() => void> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const secured = {
    ...{ key: keyPem, cert: certPem, ALPNProtocols: ["h2"] },
    ...(caPem !== null && { ca: caPem, requestCert: true, rejectUnauthorized: true }),
  };
  const server =
    trick === "silent"
      ? createNetServer(keep)
      : createTlsServer(secured, (socket) => {
          keep(socket);
          tricks[trick](socket);
        });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return () => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
}
