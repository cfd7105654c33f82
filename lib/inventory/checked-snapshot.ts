import { createHash } from "node:crypto";
import { AppError } from "@/lib/core/errors";

export type SnapshotSum = { bytes: number; sha256: string };

const sumBytes = 32;
const pieceBytes = 64 * 1024;

/**
 * A snapshot of etcd as it comes, in pieces of some 64 KiB. etcd ends it with the SHA-256 of all before, which is held back
 * until it was compared, so that what was cut short or damaged on the way never ends as if it were whole.
 * @returns size and SHA-256 (hex) of the whole file. @throws AppError `unavailable` for a damaged snapshot.
 */
export async function* checkedSnapshot(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, SnapshotSum> {
  const body = createHash("sha256");
  const whole = createHash("sha256");
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  const takeAll = (): Buffer => {
    const all = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    return all;
  };
  for await (const chunk of chunks) {
    whole.update(chunk);
    bytes += chunk.byteLength;
    waiting.push(chunk);
    waitingBytes += chunk.byteLength;
    if (waitingBytes < pieceBytes + sumBytes) continue;
    const all = takeAll();
    const piece = all.subarray(0, all.length - sumBytes);
    waiting = [all.subarray(all.length - sumBytes)];
    waitingBytes = sumBytes;
    body.update(piece);
    yield piece;
  }
  const rest = takeAll();
  body.update(rest.subarray(0, Math.max(0, rest.length - sumBytes)));
  if (bytes <= sumBytes || !body.digest().equals(rest.subarray(rest.length - sumBytes))) {
    throw new AppError("unavailable", "The snapshot of etcd arrived damaged or cut short.", { hint: "Take it again." });
  }
  yield rest;
  return { bytes, sha256: whole.digest("hex") };
}
