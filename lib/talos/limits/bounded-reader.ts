import { BinaryReader } from "@bufbuild/protobuf/wire";

/** A message has more fields than are read. */
export class TooManyFields extends Error {}

/**
 * Reads protobuf up to a number of fields, list items and lengths: a message of a mebibyte can hold half a million empty items, each of
 * which becomes an object.
 */
export class BoundedReader extends BinaryReader {
  constructor(bytes: Uint8Array, fields: number) {
    super(bytes);
    let left = fields * 2;
    const spend = () => {
      // A tag and a length or value each.
      if (--left < 0) throw new TooManyFields(`more than ${fields} fields`);
    };
    const { uint32, varint64 } = this as unknown as { uint32: () => number; varint64: () => void };
    this.uint32 = () => (spend(), uint32.call(this));
    Object.assign(this, { varint64: () => (spend(), varint64.call(this)) });
  }
}
