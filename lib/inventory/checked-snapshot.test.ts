import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkedSnapshot, type SnapshotSum } from "./checked-snapshot";

const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const body = Buffer.alloc(200_000, "etcd");
const snapshot = Buffer.concat([body, sumOf(body)]);

async function* framed(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<{ bytes: Buffer; sum: SnapshotSum }> {
  const pieces = checkedSnapshot(chunks);
  const got: Uint8Array[] = [];
  for (;;) {
    const piece = await pieces.next();
    if (piece.done) return { bytes: Buffer.concat(got), sum: piece.value };
    got.push(piece.value);
  }
}

test.each([1_024, 7, 31, 500_000])("comes out as it went in, with its sum, in frames of %i bytes", async (size) => {
  const { bytes, sum } = await read(framed(snapshot, size));
  expect(bytes.equals(snapshot)).toBe(true);
  expect(sum).toEqual({ bytes: snapshot.length, sha256: sumOf(snapshot).toString("hex") });
});

test.each([
  ["cut short", snapshot.subarray(0, 150_000)],
  ["without its sum", body],
  ["only a sum", sumOf(Buffer.alloc(0))],
  ["empty", Buffer.alloc(0)],
  ["changed on the way", Buffer.concat([Buffer.from("x"), snapshot.subarray(1)])],
])("is refused at its end: %s", async (_what, bytes) => {
  await expect(read(framed(bytes, 1_024))).rejects.toMatchObject({ code: "unavailable" });
});
