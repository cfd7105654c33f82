import type { ClientReadableStream } from "@grpc/grpc-js";
import { errorMessage } from "@/lib/core/errors";
import { explain, routing, type CallOptions, type Method } from "@/lib/talos/call";
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
};

// Past this many unread items the node is held back by HTTP/2 flow control.
const highWater = 64;

/**
 * A server stream as an AsyncIterable. The call starts with the first `next()`; `return()`, a `break` or an aborted signal cancels it on
 * the node at once, even while a `next()` waits. Can be iterated once.
 */
export function serverStream<Request, Response, Item>(
  channel: Channel,
  spec: StreamSpec<Request, Response, Item>,
  options: StreamOptions = {},
): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => new StreamIterator(channel, spec, options) };
}

class StreamIterator<Request, Response, Item> implements AsyncIterator<Item, undefined> {
  private readonly queue: Item[] = [];
  private waiting: {
    resolve: (result: IteratorResult<Item, undefined>) => void;
    reject: (error: unknown) => void;
  } | null = null;
  private call: ClientReadableStream<Response> | null = null;
  private state: "new" | "open" | "ended" | "closed" = "new";
  private failure: Promise<TalosError> | null = null;
  private started = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: Channel,
    private readonly spec: StreamSpec<Request, Response, Item>,
    private readonly options: StreamOptions,
  ) {}

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
    this.queue.length = 0;
    this.failure = null;
    this.release();
    this.settle();
    return Promise.resolve({ done: true, value: undefined });
  }

  private async open(): Promise<void> {
    const { signal, deadlineMs } = this.options;
    this.state = "open";
    signal?.addEventListener("abort", this.onAbort, { once: true });
    this.channel.closed.addEventListener("abort", this.onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      this.channel.closed.throwIfAborted();
      this.watchSilence();
      const client = await this.channel.open(signal);
      if (this.state !== "open") return;
      const { method, request } = this.spec;
      const call = client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        routing(this.channel),
        deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
      );
      this.call = call;
      call.on("metadata", () => (this.started = true));
      call.on("data", (message: Response) => this.take(() => this.spec.decode(message)));
      call.on("error", (error) => this.fail(error));
      call.on("end", () => this.finish());
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly onAbort = () => this.fail(new Error("aborted"));

  private take(read: () => Item[]): void {
    if (this.state !== "open") return;
    this.started = true;
    clearTimeout(this.timer);
    try {
      this.queue.push(...read());
    } catch (error) {
      return this.fail(error instanceof TalosError ? error : this.unreadable(error));
    }
    if (this.queue.length >= highWater) this.call?.pause();
    this.settle();
  }

  private unreadable(error: unknown): TalosError {
    const facts = { method: this.spec.method.path, address: this.channel.address.text, details: errorMessage(error) };
    return new TalosError(`${facts.address} sent a message that cannot be read.`, { kind: "node-failed", ...facts });
  }

  private finish(): void {
    if (this.state !== "open") return;
    if (this.spec.endless) return this.fail(Object.assign(new Error("the node ended the stream"), { code: 14 }));
    this.take(() => this.spec.finish?.() ?? []);
    if (this.state !== "open") return;
    this.state = "ended";
    this.release();
    this.settle();
  }

  private fail(error: unknown): void {
    if (this.state !== "open") return;
    this.state = "ended";
    const { signal, deadlineMs } = this.options;
    this.failure = explain(error, {
      channel: this.channel,
      method: this.spec.method.path,
      started: this.started,
      signal,
      deadlineMs,
    });
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

  /** Lets go of everything outside; the queue may still be read. */
  private release(): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener("abort", this.onAbort);
    this.channel.closed.removeEventListener("abort", this.onAbort);
    this.call?.cancel();
    this.call?.resume();
  }

  private settle(): void {
    const { waiting } = this;
    if (!waiting) return;
    if (this.queue.length > 0) {
      this.waiting = null;
      waiting.resolve({ done: false, value: this.queue.shift() as Item });
      if (this.queue.length === 0 && this.state === "open") {
        this.call?.resume();
      }
      return;
    }
    if (this.state === "open") return this.watchSilence();
    this.waiting = null;
    const { failure } = this;
    this.failure = null;
    if (failure) void failure.then(waiting.reject);
    else waiting.resolve({ done: true, value: undefined });
  }
}
