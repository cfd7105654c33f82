import type { ClientReadableStream } from "@grpc/grpc-js";
import { type Bucket, createBucket } from "@/lib/core/bounds/bucket";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { inTurn } from "@/lib/core/bounds/turn";
import { errorMessage } from "@/lib/core/errors";
import { decodeMessage, explain, routing, undecoded, type CallOptions, type Method } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";

export type StreamOptions = CallOptions & {
  /** Fails with "deadline" when the node sends nothing for so long while we are ready to read. */
  inactivityMs?: number;
};

export type StreamSpec<Request, Response, Item> = {
  method: Method<Request, Response>;
  request: Request;
  /** Each message becomes any number of items. What it throws ends the stream. */
  decode: (message: Response) => Item[];
  /** Called at a good end: last items, or a throw when the end came too early. */
  finish?: () => Item[];
  /** Streams that only end when the node goes away: their good end is a "rolled-stream" too. */
  endless?: boolean;
  /** Past the connection's rates the node is held back by flow control, in place of being dropped. Gives what is then said in the stream. */
  heldBack?: () => Item[];
  /** Called once, however it ends. */
  onEnd?: () => void;
};

/**
 * A server stream as an AsyncIterable. The call starts with the first `next()`; `return()`, a `break` or an aborted signal cancels it on
 * the node at once, even while a `next()` waits. Can be iterated once. Messages are decoded when they are read, in turn with others.
 */
export function serverStream<Request, Response, Item>(
  channel: Channel,
  spec: StreamSpec<Request, Response, Item>,
  options: StreamOptions = {},
): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => new StreamIterator(channel, spec, options) };
}

type Ending = { kind: "good" } | { kind: "failure"; error: Promise<TalosError> };

class StreamIterator<Request, Response, Item> implements AsyncIterator<Item, undefined> {
  private items: Item[] = [];
  private given = 0;
  private readonly unread: Buffer[] = [];
  private unreadBytes = 0;
  private waiting: {
    resolve: (result: IteratorResult<Item, undefined>) => void;
    reject: (error: unknown) => void;
  } | null = null;
  private call: ClientReadableStream<Buffer> | null = null;
  private state: "new" | "open" | "ended" | "closed" = "new";
  private ending: Ending | null = null;
  private decoding = false;
  private started = false;
  private timer: NodeJS.Timeout | undefined;
  private holding: NodeJS.Timeout | undefined;
  private leave = () => {};
  private readonly pace: { bytes: Bucket; messages: Bucket } | null;

  constructor(
    private readonly channel: Channel,
    private readonly spec: StreamSpec<Request, Response, Item>,
    private readonly options: StreamOptions,
  ) {
    const { rates } = channel.limits;
    this.pace =
      spec.heldBack && rates
        ? {
            bytes: createBucket({ perSecond: rates.bytesPerSecond / 2, atOnce: rates.bytesAtOnce }),
            messages: createBucket({ perSecond: rates.messagesPerSecond / 2, atOnce: rates.messagesAtOnce }),
          }
        : null;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.state === "new") void this.open();
    if (this.waiting) return Promise.reject(new Error("A stream is read by one reader at a time."));
    const answer = new Promise<IteratorResult<Item, undefined>>(
      (resolve, reject) => (this.waiting = { resolve, reject }),
    );
    this.settle();
    return answer;
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.state = "closed";
    this.forget();
    this.ending = null;
    this.release();
    this.settle();
    return Promise.resolve({ done: true, value: undefined });
  }

  private async open(): Promise<void> {
    const { signal, deadlineMs } = this.options;
    const { method, request } = this.spec;
    this.state = "open";
    signal?.addEventListener("abort", this.onAbort, { once: true });
    this.channel.closed.addEventListener("abort", this.onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      this.channel.closed.throwIfAborted();
      this.watchSilence();
      this.leave = await this.channel.limits.enter(method.path, [signal, this.channel.closed]);
      if (this.state !== "open") return this.leave();
      const client = await this.channel.open(signal);
      if (this.state !== "open") return;
      const call = client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        undecoded,
        request,
        routing(this.channel),
        deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
      );
      this.call = call;
      call.on("metadata", () => (this.started = true));
      call.on("data", (bytes: Buffer) => this.take(bytes));
      call.on("error", (error) => this.fail(error));
      call.on("end", () => this.finish());
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly onAbort = () => {
    // What the node was dropped for is not read on.
    if (this.channel.limits.fault) this.forget();
    this.fail(new Error("aborted"));
  };

  private take(bytes: Buffer): void {
    if (this.state !== "open") return;
    this.started = true;
    clearTimeout(this.timer);
    try {
      if (this.pace) this.holdBack(this.pace, bytes.byteLength);
      else this.channel.limits.spend(this.spec.method.path, bytes.byteLength);
    } catch (error) {
      return this.fail(error);
    }
    this.unread.push(bytes);
    this.unreadBytes += bytes.byteLength;
    if (this.isFull()) this.call?.pause();
    this.settle();
  }

  private holdBack({ bytes, messages }: NonNullable<typeof this.pace>, size: number): void {
    const waitMs = Math.max(bytes.take(size), messages.take(1));
    if (waitMs === 0 || this.holding) return;
    this.call?.pause();
    this.items.push(...(this.spec.heldBack?.() ?? []));
    this.holding = setTimeout(() => {
      this.holding = undefined;
      this.goOn();
    }, waitMs);
  }

  private isFull(): boolean {
    return this.unread.length >= nodeCaps.unreadMessages || this.unreadBytes >= nodeCaps.unreadBytes;
  }

  private goOn(): void {
    if (this.state === "open" && !this.holding && !this.isFull()) this.call?.resume();
  }

  /** Decodes the oldest message in this turn of the event loop, or in one of the next. */
  private decodeNext(): void {
    if (this.decoding) return;
    this.decoding = true;
    inTurn(() => {
      this.decoding = false;
      const bytes = this.unread.shift();
      if (bytes === undefined || this.state === "closed") return this.settle();
      this.unreadBytes -= bytes.byteLength;
      this.read(() => this.spec.decode(decodeMessage(this.channel, this.spec.method, bytes)));
      this.goOn();
      this.settle();
    });
  }

  private read(items: () => Item[]): void {
    try {
      this.items = this.items.slice(this.given).concat(items());
      this.given = 0;
    } catch (error) {
      this.forget();
      if (this.state === "open") this.fail(error instanceof TalosError ? error : this.unreadable(error));
      else this.ending = { kind: "failure", error: Promise.resolve(this.unreadable(error)) };
    }
  }

  private unreadable(error: unknown): TalosError {
    if (error instanceof TalosError) return error;
    const facts = { method: this.spec.method.path, address: this.channel.address.text, details: errorMessage(error) };
    return new TalosError(`${facts.address} sent a message that cannot be read.`, { kind: "node-failed", ...facts });
  }

  private finish(): void {
    if (this.state !== "open") return;
    if (this.spec.endless) return this.fail(Object.assign(new Error("the node ended the stream"), { code: 14 }));
    this.state = "ended";
    this.ending = { kind: "good" };
    this.release();
    this.settle();
  }

  private fail(error: unknown): void {
    if (this.state !== "open") return;
    this.state = "ended";
    const { signal, deadlineMs } = this.options;
    this.ending = {
      kind: "failure",
      error: explain(error, {
        channel: this.channel,
        method: this.spec.method.path,
        started: this.started,
        signal,
        deadlineMs,
      }),
    };
    this.release();
    this.settle();
  }

  private watchSilence(): void {
    const { inactivityMs } = this.options;
    if (inactivityMs === undefined) return;
    clearTimeout(this.timer);
    const facts = { kind: "deadline", method: this.spec.method.path, address: this.channel.address.text } as const;
    const name = facts.method.slice(facts.method.lastIndexOf("/") + 1);
    this.timer = setTimeout(
      () =>
        this.fail(new TalosError(`${facts.address} sent nothing for ${inactivityMs / 1000} s during ${name}.`, facts)),
      inactivityMs,
    );
  }

  private forget(): void {
    this.items = [];
    this.given = 0;
    this.unread.length = 0;
    this.unreadBytes = 0;
  }

  /** Lets go of everything outside; what came may still be read. */
  private release(): void {
    clearTimeout(this.timer);
    clearTimeout(this.holding);
    this.options.signal?.removeEventListener("abort", this.onAbort);
    this.channel.closed.removeEventListener("abort", this.onAbort);
    this.call?.cancel();
    this.call?.resume();
    this.leave();
    this.spec.onEnd?.();
  }

  private settle(): void {
    const { waiting } = this;
    if (!waiting) return;
    if (this.given < this.items.length) {
      this.waiting = null;
      return waiting.resolve({ done: false, value: this.items[this.given++] as Item });
    }
    this.items = [];
    this.given = 0;
    if (this.unread.length > 0 || this.decoding) return this.decodeNext();
    if (this.state === "open") return this.watchSilence();
    if (this.ending?.kind === "good") {
      this.ending = null;
      this.read(() => this.spec.finish?.() ?? []);
      return this.settle();
    }
    this.waiting = null;
    const { ending } = this;
    this.ending = null;
    if (ending) void ending.error.then(waiting.reject);
    else waiting.resolve({ done: true, value: undefined });
  }
}
