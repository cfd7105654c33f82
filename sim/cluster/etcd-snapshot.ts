import { createHash } from "node:crypto";

/** What a snapshot holds, by bucket (etcd server/storage/schema); keys come in order. */
export type Buckets = Readonly<Record<string, ReadonlyMap<Buffer, Buffer>>>;

const pageBytes = 4096;
const headerBytes = 16;
const elementBytes = 16;
const bucketHeaderBytes = 16;
const flags = { leaf: 0x02, meta: 0x04, freelist: 0x10, bucket: 0x01 } as const;
const fnvOffset = 0xcbf29ce484222325n;
const fnvPrime = 0x100000001b3n;

const fnv64a = (bytes: Buffer): bigint =>
  bytes.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * fnvPrime), fnvOffset);

function header(id: number, flag: number, count: number, overflow: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flag, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(overflow, 12);
  return bytes;
}

/** The elements of a leaf page and what they point at; positions count from the element itself. */
function leafBody(entries: readonly { key: Buffer; value: Buffer; flag: number }[]): Buffer {
  const elements = Buffer.alloc(entries.length * elementBytes);
  const data: Buffer[] = [];
  let at = elements.length;
  for (const [index, { key, value, flag }] of entries.entries()) {
    const element = index * elementBytes;
    elements.writeUInt32LE(flag, element);
    elements.writeUInt32LE(at - element, element + 4);
    elements.writeUInt32LE(key.length, element + 8);
    elements.writeUInt32LE(value.length, element + 12);
    data.push(key, value);
    at += key.length + value.length;
  }
  return Buffer.concat([elements, ...data]);
}

/** A bucket that is written into its parent's page, as bbolt does with small ones: root page 0, then a page of its own. */
function inlineBucket(entries: ReadonlyMap<Buffer, Buffer>): Buffer {
  const body = leafBody([...entries].map(([key, value]) => ({ key, value, flag: 0 })));
  return Buffer.concat([Buffer.alloc(bucketHeaderBytes), header(0, flags.leaf, entries.size, 0), body]);
}

function metaPage(id: number, pages: number): Buffer {
  const meta = Buffer.alloc(64);
  meta.writeUInt32LE(0xed0cdaed, 0);
  meta.writeUInt32LE(2, 4);
  meta.writeUInt32LE(pageBytes, 8);
  meta.writeBigUInt64LE(3n, 16); // the root bucket's page
  meta.writeBigUInt64LE(2n, 32); // the freelist's
  meta.writeBigUInt64LE(BigInt(pages), 40);
  meta.writeBigUInt64LE(BigInt(id), 48);
  meta.writeBigUInt64LE(fnv64a(meta.subarray(0, 56)), 56);
  return Buffer.concat([header(id, flags.meta, 0, 0), meta], pageBytes);
}

/**
 * A bbolt database of these buckets (go.etcd.io/bbolt internal/common page.go, meta.go, inode.go): two meta pages, an empty freelist
 * and one leaf. etcd appends the SHA-256 of the whole, which `talosctl etcd snapshot` looks for.
 */
export function etcdSnapshot(buckets: Buckets): Buffer {
  const names = Object.keys(buckets).sort();
  const root = leafBody(
    names.map((name) => ({
      key: Buffer.from(name),
      value: inlineBucket(buckets[name] ?? new Map<Buffer, Buffer>()),
      flag: flags.bucket,
    })),
  );
  const rootPages = Math.ceil((headerBytes + root.length) / pageBytes);
  const pages = 3 + rootPages;
  const database = Buffer.concat([
    metaPage(0, pages),
    metaPage(1, pages),
    Buffer.concat([header(2, flags.freelist, 0, 0)], pageBytes),
    Buffer.concat([header(3, flags.leaf, names.length, rootPages - 1), root], rootPages * pageBytes),
  ]);
  return Buffer.concat([database, createHash("sha256").update(database).digest()]);
}
