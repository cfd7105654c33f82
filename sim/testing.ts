import {
  credentials,
  Metadata,
  type ChannelCredentials,
  type ClientReadableStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { parse } from "yaml";
import { z } from "zod";
import { StateClient } from "@/lib/talos/gen/cosi/resource/state";
import { ImageServiceClient } from "@/lib/talos/gen/machine/image";
import { LifecycleServiceClient } from "@/lib/talos/gen/machine/lifecycle";
import { MachineServiceClient } from "@/lib/talos/gen/machine/machine";
import type { Fleet } from "./fleet";
import { tlsKeyPem } from "./wire/certificates";

const talosconfig = z.object({
  context: z.string(),
  contexts: z.record(z.string(), z.object({ ca: z.string(), crt: z.string(), key: z.string() })),
});

/** What a talosconfig's context gives grpc-js to connect with. */
export function credentialsOf(text: string): ChannelCredentials {
  const { context, contexts } = talosconfig.parse(parse(text));
  const current = contexts[context];
  if (!current) throw new Error(`no context ${context}`);
  const pem = (base64: string) => Buffer.from(base64, "base64");
  return credentials.createSsl(
    pem(current.ca),
    Buffer.from(tlsKeyPem(pem(current.key).toString("utf8"))),
    pem(current.crt),
  );
}

/** Credentials for a machine in maintenance mode: none, and no check of its certificate. */
export const insecure = (): ChannelCredentials =>
  credentials.createSsl(null, null, null, { rejectUnauthorized: false });

export type NodeClients = {
  machine: MachineServiceClient;
  state: StateClient;
  images: ImageServiceClient;
  lifecycle: LifecycleServiceClient;
  close(): void;
};

/** Clients of one node for every service, on channels of their own. */
export function clientsFor(fleet: Fleet, name: string, channelCredentials: ChannelCredentials): NodeClients {
  const endpoint = fleet.nodes.find((node) => node.name === name)?.endpoint;
  if (!endpoint) throw new Error(`no node ${name}`);
  const options = {
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 200,
    "grpc.use_local_subchannel_pool": 1,
  };
  const clients = {
    machine: new MachineServiceClient(endpoint, channelCredentials, options),
    state: new StateClient(endpoint, channelCredentials, options),
    images: new ImageServiceClient(endpoint, channelCredentials, options),
    lifecycle: new LifecycleServiceClient(endpoint, channelCredentials, options),
  };
  return { ...clients, close: () => Object.values(clients).forEach((client) => client.close()) };
}

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** One call as a promise: `call(client.version.bind(client), {})`. Metadata as a plain object. */
export function call<Request, Response>(
  method: Unary<Request, Response>,
  request: Request,
  metadata: Record<string, string> = {},
): Promise<Response> {
  const sent = new Metadata();
  for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
  return new Promise((resolve, reject) =>
    method(request, sent, { deadline: Date.now() + 15_000 }, (error, response) =>
      error ? reject(error) : resolve(response),
    ),
  );
}

/** The gRPC status that a promise is rejected with; fails when it is not. */
export async function codeOf(promise: Promise<unknown>): Promise<number> {
  const error: unknown = await promise.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error && typeof error.code === "number") return error.code;
  throw error;
}

/** Everything that a stream sends until it ends. Rejects with its error. */
export async function collect<Message>(stream: ClientReadableStream<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of stream) messages.push(message as Message);
  return messages;
}

/** The first message that fits; cancels the stream. Rejects when the stream ends before. */
export async function until<Message>(
  stream: ClientReadableStream<Message>,
  fits: (message: Message) => boolean,
): Promise<Message> {
  stream.on("error", () => undefined);
  for await (const message of stream) {
    if (fits(message as Message)) {
      stream.cancel();
      return message as Message;
    }
  }
  throw new Error("the stream ended before");
}

/** Asks again until the answer fits, whatever fails in between. */
export async function eventually<Value>(
  ask: () => Value | Promise<Value>,
  fits: (value: Value) => boolean,
  timeoutMs = 15_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await Promise.resolve()
      .then(ask)
      .catch((error: unknown) => {
        if (Date.now() > deadline) throw error;
        return undefined;
      });
    if (value !== undefined && fits(value)) return value;
    if (Date.now() > deadline)
      throw new Error(
        `still ${JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? String(member) : member))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
