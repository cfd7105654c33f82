import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Random } from "../random";
import { hostileText, hostileValue } from "./hostile";
import { structOfJson } from "./wire-struct";
import type { WireValue } from "./wire-value";

const between = (random: Random, low: bigint, high: bigint): string => {
  const edges = [low, high, 0n, 1n].filter((value) => value >= low && value <= high);
  if (random.chance(0.3)) return String(random.pick(edges));
  const span = high - low + 1n;
  const drawn = (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
  return String(low + (drawn % span));
};
const signed64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const doubles = [0.5, -1.25, 1e300, -1e-300, 123456789.125, 3];

function scalar(random: Random, type: ScalarType): unknown {
  switch (type) {
    case ScalarType.BOOL:
      return random.chance(0.7);
    case ScalarType.STRING:
      return hostileText(random);
    case ScalarType.BYTES:
      return Buffer.from(random.list(20, () => random.below(256))).toString("base64");
    case ScalarType.DOUBLE:
      return random.pick(doubles);
    case ScalarType.FLOAT:
      return random.pick([0.5, -1.25, 3]);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return between(random, ...signed64);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return between(random, 0n, 2n ** 64n - 1n);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return Number(between(random, 0n, 2n ** 32n - 1n));
    default:
      return Number(between(random, -(2n ** 31n), 2n ** 31n - 1n));
  }
}

/** Times that JavaScript holds exactly: whole milliseconds, and whole seconds before 1970, as Go's zero time is; a duration is free. */
function wellKnown(random: Random, typeName: string): WireValue | null {
  if (typeName === "google.protobuf.Struct")
    return structOfJson(Object.fromEntries(random.list(3, () => [hostileText(random), hostileValue(random, 2)])));
  if (typeName !== "google.protobuf.Timestamp") return null;
  const seconds = random.pick([random.below(4_000_000_000) + 1, -random.below(62_135_596_800) - 1]);
  const milliseconds = seconds > 0 ? random.below(1000) : 0;
  return { seconds: String(seconds), ...(milliseconds > 0 && { nanos: milliseconds * 1_000_000 }) };
}

type Maker = { random: Random; depth: number };

function single({ random, depth }: Maker, field: DescField & { scalar?: ScalarType }): unknown {
  if (field.enum) {
    // A newer release may have values that we do not know.
    return random.chance(0.1) ? 77 : random.pick(field.enum.values).number;
  }
  if (field.message) return wireValue({ random, depth: depth - 1 }, field.message);
  return scalar(random, field.scalar ?? ScalarType.INT32);
}

function member(maker: Maker, field: DescField): unknown {
  const { random } = maker;
  if (field.fieldKind === "list") return random.list(3, () => single(maker, field as DescField));
  if (field.fieldKind !== "map") return single(maker, field);
  return Object.fromEntries(
    random.list(3, () => [
      field.mapKey === ScalarType.STRING ? hostileText(random) : String(scalar(random, field.mapKey)),
      single(maker, field as DescField),
    ]),
  );
}

/** A random value of a message: of a oneof at most one member, and nothing below a certain depth. */
export function wireValue(maker: Maker, descriptor: DescMessage): WireValue {
  const { random, depth } = maker;
  const known = wellKnown(random, descriptor.typeName);
  if (known) return known;
  const value: WireValue = {};
  for (const part of descriptor.members) {
    if (!random.chance(0.75)) continue;
    const field = part.kind === "oneof" ? random.pick(part.fields) : part;
    if (field.message && depth <= 0) continue;
    value[field.name] = member(maker, field);
  }
  return value;
}
