import { isDeepStrictEqual } from "node:util";
import { mustGive } from "../judge";
import type { Kind } from "../kind";
import { knownTo, shapeOf } from "./wire-known";
import { wireMessages, type WireMessage } from "./wire-messages";
import { toObject, toValue } from "./wire-object";
import { wireValue } from "./wire-random";
import type { WireValue } from "./wire-value";

type Case = { message: string; value: WireValue };

let messages: Promise<WireMessage[]> | null = null;
const all = () => (messages ??= wireMessages());

async function found(name: string): Promise<WireMessage> {
  const message = (await all()).find(({ descriptor }) => descriptor.typeName === name);
  if (!message) throw new Error(`There is no message ${name}.`);
  return message;
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member));

/**
 * Every message of `proto/`, both ways: what the generated code encodes, Talos' own code decodes to the same value, and the other way
 * round. Messages and fields that an older release does not have are left out.
 */
export const wire: Kind<Case> = {
  name: "wire",
  cases: 4_000,
  async make(random) {
    const { descriptor } = random.pick(await all());
    return { message: descriptor.typeName, value: wireValue({ random, depth: 3 }, descriptor) };
  },
  async differs({ message, value }, judge) {
    const { descriptor, codec } = await found(message);
    const newest = judge.release === "1.14";
    if ((await shapeOf(judge, message)) === null) return newest ? `Talos has no message ${message}` : null;
    const object = toObject(descriptor, newest ? value : await knownTo(judge, descriptor, value));
    const carried = toValue(descriptor, object);

    const ours = Buffer.from(codec.encode(object));
    const read = await judge.ask("wire-read", { message, bytes: ours.toString("base64") });
    if (read.refusal !== undefined) return `Talos cannot read what Ichor writes: ${read.refusal}`;
    if (!isDeepStrictEqual(read.output ?? {}, carried))
      return `Ichor writes ${text(carried)}, Talos reads ${text(read.output)}`;

    const bytes = String(await mustGive(judge.ask("wire-write", { message, value: carried })));
    const decoded = toValue(descriptor, codec.decode(Buffer.from(bytes, "base64")));
    return isDeepStrictEqual(decoded, carried) ? null : `Talos writes ${text(carried)}, Ichor reads ${text(decoded)}`;
  },
};
