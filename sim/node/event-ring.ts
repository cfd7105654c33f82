import { randomBytes } from "node:crypto";
import type { Event } from "@/lib/talos/gen/machine/events";

/** An id that no xid is. */
export class InvalidEventId extends Error {
  override readonly name = "InvalidEventId";
}

/** A reader gets this many fewer than are kept, so that it is not overrun at once. */
const gap = 10;

/** What a node keeps of its events: the last 1000, in memory only (Talos v1alpha1_events.go). */
export class EventRing {
  private readonly ring: Event[] = [];
  private readonly times = new Map<string, number>();
  private readonly followers = new Set<(event: Event) => void>();
  private counter = 0;

  constructor(
    private readonly nowMs: () => number,
    private readonly capacity = 1000,
  ) {}

  /** `name` is the message's full name without `machine.`: `SequenceEvent`. */
  publish(name: string, payload: Uint8Array, actorId: string): void {
    const event = this.event(`talos/runtime/machine.${name}`, payload, actorId);
    this.ring.push(event);
    this.times.set(event.id, this.nowMs());
    const dropped = this.ring.length > this.capacity ? this.ring.shift() : undefined;
    if (dropped) this.times.delete(dropped.id);
    for (const follow of [...this.followers]) follow(event);
  }

  /** The empty event that opens every stream. */
  hello(actorId: string): Event {
    return this.event("", new Uint8Array(), actorId);
  }

  /** Past events that a request asks for: none by default, all with a negative count. Throws InvalidEventId. */
  tail(request: { tailEvents: number; tailId: string; tailSeconds: number }): Event[] {
    const reachable = this.ring.slice(-(this.capacity - gap));
    if (request.tailEvents < 0) return reachable;
    if (request.tailEvents > 0) return reachable.slice(-request.tailEvents);
    if (request.tailId !== "") {
      if (!/^[0-9a-v]{19}[0g]$/.test(request.tailId)) throw new InvalidEventId("xid: invalid ID");
      return reachable.filter((event) => event.id > request.tailId);
    }
    if (request.tailSeconds > 0) {
      const since = this.nowMs() - request.tailSeconds * 1000;
      return reachable.filter((event) => (this.times.get(event.id) ?? 0) >= since);
    }
    return [];
  }

  follow(notify: (event: Event) => void): () => void {
    this.followers.add(notify);
    return () => this.followers.delete(notify);
  }

  private event(typeUrl: string, payload: Uint8Array, actorId: string): Event {
    return { metadata: undefined, data: { typeUrl, value: Buffer.from(payload) }, id: this.nextId(), actorId };
  }

  /** Twenty characters that sort by time, as xid's do: seconds, machine, counter in base 32. */
  private nextId(): string {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(Math.floor(this.nowMs() / 1000) >>> 0, 0);
    bytes.writeUInt32BE(1, 4);
    bytes.writeUInt32BE(++this.counter >>> 0, 8);
    return base32Hex(bytes);
  }
}

/** An actor id as a mutating call returns it. */
export const newActorId = (): string => {
  const hex = randomBytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};

function base32Hex(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString("hex")}`) << 4n;
  let text = "";
  for (let index = 0; index < 20; index++) {
    text = "0123456789abcdefghijklmnopqrstuv".charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
