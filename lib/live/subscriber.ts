import type { RingEntry } from "./ring";
import type { SseMessage, SseSource } from "./sse";

export type SubscriberOptions = {
  /** Frames to catch up with; null = begin with a snapshot. */
  missed: RingEntry[] | null;
  /** The whole state as frames, in parts; called when the subscriber is ready to send it. */
  snapshot: () => AsyncIterable<string[]>;
  /** Id of the newest frame, for the resume after a snapshot. */
  newestSeq: () => number;
  eventId: (seq: number) => string;
  maxEntries: number;
  maxChars: number;
  onClose: () => void;
};

const syncedText = JSON.stringify({ type: "synced" });

/**
 * The queue of one browser. Frames of the same key replace each other while they wait, so a slow browser skips to the
 * newest state; when even so the queue outgrows its limits, it is thrown away and a fresh snapshot takes its place.
 */
export class Subscriber implements SseSource {
  private queue = new Map<string, RingEntry>();
  private chars = 0;
  private closed = false;
  private snapshotDue: boolean;
  private syncedDue = false;
  private parts: AsyncIterator<string[]> | null = null;
  private snapshotSeq = 0;
  private wake: (() => void) | null = null;

  constructor(private readonly options: SubscriberOptions) {
    this.snapshotDue = options.missed === null;
    this.syncedDue = options.missed !== null;
    for (const entry of options.missed ?? []) this.add(entry);
  }

  /** Takes a frame; never blocks, never grows beyond its limits. */
  offer(entry: RingEntry): void {
    if (this.closed || this.snapshotDue) return;
    this.add(entry);
    if (this.queue.size > this.options.maxEntries || this.chars > this.options.maxChars) {
      this.queue.clear();
      this.chars = 0;
      this.snapshotDue = true;
    }
    this.wake?.();
  }

  async next(): Promise<SseMessage[] | null> {
    for (;;) {
      if (this.closed) return null;
      if (this.snapshotDue && !this.parts) this.beginSnapshot();
      if (this.parts) {
        const part = await this.parts.next();
        if (this.closed) return null;
        if (!part.done) return part.value.map((data) => ({ data }));
        this.parts = null;
        // What was published meanwhile is queued behind; the id says where a resume goes on.
        return [{ id: this.options.eventId(this.snapshotSeq), data: syncedText }];
      }
      if (this.queue.size > 0) return this.drain();
      if (this.syncedDue) {
        this.syncedDue = false;
        return [{ data: syncedText }];
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = null;
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.queue.clear();
    this.wake?.();
    this.options.onClose();
  }

  private beginSnapshot(): void {
    this.snapshotDue = false;
    this.syncedDue = false;
    this.snapshotSeq = this.options.newestSeq();
    this.parts = this.options.snapshot()[Symbol.asyncIterator]();
  }

  private add(entry: RingEntry): void {
    const key = entry.key ?? `#${entry.seq}`;
    const waiting = this.queue.get(key);
    if (waiting) {
      this.chars -= waiting.text.length;
      this.queue.delete(key);
    }
    this.queue.set(key, entry);
    this.chars += entry.text.length;
  }

  private drain(): SseMessage[] {
    const messages: SseMessage[] = [];
    for (const entry of this.queue.values()) messages.push({ id: this.options.eventId(entry.seq), data: entry.text });
    this.queue.clear();
    this.chars = 0;
    return messages;
  }
}
