import { X509Certificate } from "node:crypto";
import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { inTurn } from "@/lib/core/bounds/turn";
import { errorMessage } from "@/lib/core/errors";
import type { Channel } from "@/lib/talos/channel";
import { toTalosError } from "@/lib/talos/classify";
import { TalosError, type Clocks } from "@/lib/talos/errors";
import { BoundedReader, TooManyFields } from "@/lib/talos/limits/bounded-reader";
import { readCertificate } from "@/lib/talos/probe";

export type CallOptions = {
  signal?: AbortSignal;
  /** From now, not a point in time. */
  deadlineMs?: number;
};

/** A method of the generated service definitions. */
export type Method<Request, Response> = {
  path: string;
  requestSerialize: (value: Request) => Buffer;
  responseDeserialize: (bytes: Buffer) => Response;
};

export const defaultDeadlineMs = 10_000;

/** Routing: only ever `node`, never `nodes`, which merges replies and hides errors in them. */
export function routing(channel: Channel): Metadata {
  const metadata = new Metadata();
  if (channel.viaNode !== undefined) metadata.set("node", channel.viaNode);
  return metadata;
}

type Failed = {
  channel: Channel;
  method: string;
  started: boolean;
  signal?: AbortSignal | undefined;
  deadlineMs?: number | undefined;
};

const receivedTooMuch = /^Received message (?:larger than max|that decompresses to a size larger)/;
const shortName = (method: string) => method.slice(method.lastIndexOf("/") + 1);

/** Turns what grpc-js throws into a `TalosError`; with certificate dates where the clocks are in question. */
export async function explain(
  error: unknown,
  { channel, method, started, signal, deadlineMs }: Failed,
): Promise<TalosError> {
  if (channel.limits.fault) return channel.limits.fault;
  if (error instanceof TalosError) return error;
  const { code, details } = error as Partial<ServiceError>;
  // grpc-js' own words, from before the message is read.
  if (code === status.RESOURCE_EXHAUSTED && receivedTooMuch.test(details ?? ""))
    return channel.limits.accuse(method, `a larger message than ${shortName(method)} ever has`);
  const ended = signal?.aborted ? signal : channel.closed;
  const talosError = toTalosError({
    code: ended.aborted ? status.CANCELLED : typeof code === "number" ? code : status.UNKNOWN,
    details: details ?? errorMessage(error),
    method,
    address: channel.address.text,
    started,
    aborted: ended.aborted,
    connected: channel.connected(),
    maintenance: channel.credentials.kind === "maintenance",
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    cause: ended.aborted ? ended.reason : undefined,
  });
  return withClocks(talosError, channel);
}

const clocksOf = (notBeforeMs: number, notAfterMs: number): Clocks => ({ oursMs: Date.now(), notBeforeMs, notAfterMs });
const iso = (timeMs: number) => new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z");

/** Adds both clocks to the sentence: ours, and the dates of the certificate that one side does not accept. */
async function withClocks(error: TalosError, channel: Channel): Promise<TalosError> {
  const byNode = /alert/i.test(error.details ?? "");
  if (
    byNode &&
    channel.credentials.kind === "mtls" &&
    ["refused-certificate", "certificate-expired"].includes(error.kind)
  ) {
    const ours = new X509Certificate(channel.credentials.certPem);
    const clocks = clocksOf(Date.parse(ours.validFrom), Date.parse(ours.validTo));
    if (error.kind === "refused-certificate" && clocks.oursMs <= clocks.notAfterMs) return error;
    const sentence = `${channel.address.text} refused our certificate, which is valid until ${iso(clocks.notAfterMs)}; our clock says ${iso(clocks.oursMs)}.`;
    return rewrite(error, "certificate-expired", sentence, clocks);
  }
  if (error.kind !== "certificate-expired" && error.kind !== "certificate-not-yet-valid") return error;
  const leaf = await readCertificate(channel.address.text, 2_000).catch(() => null);
  if (!leaf) return error;
  const clocks = clocksOf(leaf.notBeforeMs, leaf.notAfterMs);
  const sentence =
    error.kind === "certificate-expired"
      ? `The certificate of ${channel.address.text} expired at ${iso(clocks.notAfterMs)}; our clock says ${iso(clocks.oursMs)}.`
      : `The certificate of ${channel.address.text} is valid only from ${iso(clocks.notBeforeMs)}, the node's clock when it was made; our clock says ${iso(clocks.oursMs)}.`;
  return rewrite(error, error.kind, sentence, clocks);
}

function rewrite(error: TalosError, kind: TalosError["kind"], sentence: string, clocks: Clocks): TalosError {
  const { method, address, hint, details } = error;
  return new TalosError(sentence, {
    kind,
    method,
    address,
    clocks,
    hint: hint ?? "Compare the clocks of both machines.",
    ...(error.grpcCode === null ? {} : { grpcCode: error.grpcCode }),
    ...(details === undefined ? {} : { details }),
  });
}

/** Bytes stay bytes until their turn comes (`decodeMessage`). */
export const undecoded = (bytes: Buffer): Buffer => bytes;

/**
 * Makes a message of bytes, up to so many fields. Called in turn (`inTurn`), since it is the larger part of the work.
 * @throws TalosError "misbehaving" past the cap; "node-failed" for what is no such message.
 */
export function decodeMessage<Response>(channel: Channel, method: Method<never, Response>, bytes: Buffer): Response {
  try {
    const reader = new BoundedReader(bytes, nodeCaps.messageFields);
    // Generated decoders take a reader in place of bytes.
    return method.responseDeserialize(reader as unknown as Buffer);
  } catch (error) {
    if (error instanceof TooManyFields) throw channel.limits.accuse(method.path, `a message with ${error.message}`);
    const facts = { method: method.path, address: channel.address.text, details: errorMessage(error) };
    throw new TalosError(`${facts.address} sent a message that cannot be read.`, { kind: "node-failed", ...facts });
  }
}

/**
 * One unary call. Rejects with a `TalosError`, also when the signal aborts ("cancelled") or the deadline passes ("deadline", or
 * "unreachable" when no connection came up). Never retried.
 */
export async function unary<Request, Response>(
  channel: Channel,
  method: Method<Request, Response>,
  request: Request,
  { signal, deadlineMs = defaultDeadlineMs }: CallOptions = {},
): Promise<Response> {
  const failed = { channel, method: method.path, started: false, signal, deadlineMs };
  let leave = () => {};
  try {
    signal?.throwIfAborted();
    channel.closed.throwIfAborted();
    leave = await channel.limits.enter(method.path, [signal, channel.closed]);
    const client = await channel.open(signal);
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        undecoded,
        request,
        routing(channel),
        { deadline: Date.now() + deadlineMs },
        (error, value) => {
          signal?.removeEventListener("abort", onAbort);
          channel.closed.removeEventListener("abort", onAbort);
          if (error) reject(error);
          else if (value === undefined) reject(new Error("The node answered without a message."));
          else resolve(value);
        },
      );
      const onAbort = () => call.cancel();
      signal?.addEventListener("abort", onAbort, { once: true });
      channel.closed.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted || channel.closed.aborted) onAbort();
    });
    channel.limits.spend(method.path, bytes.byteLength);
    return await new Promise<Response>((resolve, reject) =>
      inTurn(() => {
        try {
          resolve(decodeMessage(channel, method, bytes));
        } catch (error) {
          reject(error as Error);
        }
      }),
    );
  } catch (error) {
    throw await explain(error, failed);
  } finally {
    leave();
  }
}

type Routed = { metadata: { hostname: string; error: string; status: { code: number } | undefined } | undefined };

/** A reply that was merged by a proxy hides its failure in the metadata while the call succeeds: it is an error all the same. */
export function checkReply<Message extends Routed>(message: Message, method: string, address: string): Message {
  const error = message.metadata?.error;
  if (!error) return message;
  throw toTalosError({
    code: status.UNKNOWN,
    details: error,
    method,
    address: message.metadata?.hostname || address,
    started: true,
    aborted: false,
    connected: true,
    maintenance: false,
  });
}

/** No list of a reply is longer than its cap. */
function checkLists<Message extends object>(channel: Channel, method: string, message: Message): Message {
  for (const [name, value] of Object.entries(message))
    if (Array.isArray(value))
      channel.limits.atMost(method, value.length, nodeCaps.listItems, `entries in ${shortName(method)}.${name}`);
  return message;
}

/** Calls a MachineService method and takes its only message: all of them answer with a list, since a proxy may merge nodes. */
export async function ask<Request, Message extends Routed>(
  channel: Channel,
  method: Method<Request, { messages: Message[] }>,
  request: Request,
  options?: CallOptions,
): Promise<Message> {
  const { messages } = await unary(channel, method, request, options);
  const message = messages[0];
  if (message) return checkLists(channel, method.path, checkReply(message, method.path, channel.address.text));
  throw await explain(new Error("The node answered with an empty list."), {
    channel,
    method: method.path,
    started: true,
  });
}
