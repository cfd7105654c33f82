import type { DescMessage } from "@bufbuild/protobuf";
import type { Judge } from "../judge";
import type { WireValue } from "./wire-value";

/** Numbers of a message's fields by name, as the judge's release has it; null where it has no such message. */
type Shape = Record<string, number> | null;

const shapes = new WeakMap<Judge, Map<string, Promise<Shape>>>();

export function shapeOf(judge: Judge, message: string): Promise<Shape> {
  const known = shapes.get(judge) ?? new Map<string, Promise<Shape>>();
  shapes.set(judge, known);
  const shape =
    known.get(message) ??
    judge.ask("wire-shape", { message }).then(({ output }) => (output as Shape | undefined) ?? null);
  known.set(message, shape);
  return shape;
}

/** The value without the members that came after the judge's release, all the way down. */
export async function knownTo(judge: Judge, descriptor: DescMessage, value: WireValue): Promise<WireValue> {
  const shape = await shapeOf(judge, descriptor.typeName);
  const known: WireValue = {};
  for (const field of descriptor.fields) {
    const member = value[field.name];
    if (member === undefined || shape?.[field.name] === undefined) continue;
    const inner = field.message;
    const single = (item: unknown) => (inner ? knownTo(judge, inner, item as WireValue) : Promise.resolve(item));
    if (field.fieldKind === "list") known[field.name] = await Promise.all((member as unknown[]).map(single));
    else if (field.fieldKind === "map") {
      const entries = Object.entries(member as WireValue).map(
        async ([key, item]) => [key, await single(item)] as const,
      );
      known[field.name] = Object.fromEntries(await Promise.all(entries));
    } else known[field.name] = await single(member);
  }
  return known;
}
