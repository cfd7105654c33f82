import type { AppError } from "@/lib/core/errors";
import { tryLater } from "@/lib/core/try-later";

/** Streams that may be open at a time. A tab has one, and one more for each log that it shows. */
export const streamLimits = { perAccount: 40, perNode: 30, inAll: 600 } as const;

/** Whose an open stream is, and of which node's log; null for the live stream, which is of all. */
export type StreamHolder = { owners: readonly string[]; node: string | null };

/** Streams end with tabs, and with the rights that opened them. */
const usualMs = 30_000;
const full = (sentence: string, hint: string): AppError => tryLater("rate-limited", sentence, usualMs, { hint });

/**
 * Refuses one stream too many: of an account with all its sessions and tokens, of a node's logs, or in all.
 *
 * @throws AppError `rate-limited`
 */
export function refuseTooManyStreams(open: Iterable<StreamHolder>, wanted: StreamHolder): void {
  const counts = new Map(wanted.owners.map((owner) => [owner, 0]));
  let [inAll, ofNode] = [0, 0];
  for (const { owners, node } of open) {
    inAll += 1;
    if (node !== null && node === wanted.node) ofNode += 1;
    for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  if (wanted.owners.some((owner) => (counts.get(owner) ?? 0) >= streamLimits.perAccount))
    throw full(
      `Your account has ${streamLimits.perAccount} live streams open, which is as many as one may have.`,
      "Close some tabs or logs of this console, then load the page again.",
    );
  if (ofNode >= streamLimits.perNode)
    throw full(
      `${streamLimits.perNode} logs of this node are being followed, which is as many as may be.`,
      "Wait until somebody closes one.",
    );
  if (inAll >= streamLimits.inAll)
    throw full(
      `Ichor serves ${streamLimits.inAll} live streams, which is as many as it may.`,
      "Wait until somebody closes a tab.",
    );
}
