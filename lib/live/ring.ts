/** One frame as it goes over the wire: serialised once, shared by every browser. */
export type RingEntry = {
  seq: number;
  /** Frames with the same key supersede each other (`node:<id>`); null = each one counts. */
  key: string | null;
  /** JSON of the frame. */
  text: string;
};

export type Ring = {
  push: (entry: RingEntry) => void;
  /** The entries after `seq`, oldest first; null when some of them are no longer held. */
  after: (seq: number) => RingEntry[] | null;
};

/** Keeps the newest entries within both limits, so that a browser that was away for a moment can go on where it was. */
export function createRing({ maxEntries, maxChars }: { maxEntries: number; maxChars: number }): Ring {
  let entries: RingEntry[] = [];
  /** Index of the oldest held entry; the array is cut in blocks, since shifting it for each frame costs its length. */
  let start = 0;
  let chars = 0;
  let lastDropped = 0;
  let newest = 0;

  return {
    push(entry) {
      entries.push(entry);
      newest = entry.seq;
      chars += entry.text.length;
      while (entries.length - start > maxEntries || chars > maxChars) {
        const oldest = entries[start];
        if (!oldest) break;
        chars -= oldest.text.length;
        lastDropped = oldest.seq;
        start += 1;
      }
      if (start > maxEntries) {
        entries = entries.slice(start);
        start = 0;
      }
    },
    after(seq) {
      if (seq < lastDropped || seq > newest) return null;
      return entries.slice(start).filter((entry) => entry.seq > seq);
    },
  };
}
