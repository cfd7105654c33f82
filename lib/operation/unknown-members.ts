import { z } from "zod";

type Shape = {
  type?: string;
  const?: unknown;
  properties?: Record<string, Shape>;
  additionalProperties?: boolean | Shape;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  $ref?: string;
  $defs?: Record<string, Shape>;
};
type Members = Record<string, unknown>;

/** The shape of each schema, made when it is first asked for. */
const shapes = new WeakMap<z.ZodType, Shape>();
function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known) return known;
  const made = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
  shapes.set(schema, made);
  return made;
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Could the value be meant for this one of several shapes? Told by its constants, as `kind`. */
function fits(value: unknown, { type, properties = {} }: Shape): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") {
    if (!isMembers(value)) return false;
    return Object.entries(properties).every(([key, { const: fixed }]) => fixed === undefined || value[key] === fixed);
  }
  return type === undefined || !(Array.isArray(value) || isMembers(value));
}

class Walk {
  readonly found = new Map<string, string>();
  constructor(private readonly root: Shape) {}

  private resolved(shape: Shape): Shape {
    if (shape.$ref === undefined) return shape;
    if (shape.$ref === "#") return this.root;
    return this.root.$defs?.[shape.$ref.replace("#/$defs/", "")] ?? {};
  }

  look(value: unknown, given: Shape, path: string): void {
    const shape = this.resolved(given);
    const variants = shape.anyOf ?? shape.oneOf;
    if (variants) return this.lookAtVariants(value, variants, path);
    if (Array.isArray(value)) {
      const { items } = shape;
      if (items) value.forEach((item, index) => this.look(item, items, `${path}${index}.`));
      return;
    }
    if (isMembers(value)) this.lookAtMembers(value, shape.allOf ? this.joined(shape.allOf) : shape, path);
  }

  private lookAtVariants(value: unknown, variants: readonly Shape[], path: string): void {
    const meant = variants
      .map((variant) => this.resolved(variant))
      .filter((variant) => variant.anyOf ?? variant.oneOf ?? variant.allOf ?? fits(value, variant));
    const results = (meant.length > 0 ? meant : variants).map((variant) => {
      const walk = new Walk(this.root);
      walk.look(value, variant, path);
      return walk.found;
    });
    const [best = new Map<string, string>()] = results.sort((a, b) => a.size - b.size);
    for (const [member, sentence] of best) this.found.set(member, sentence);
  }

  /** What all of several shapes know together. */
  private joined(parts: readonly Shape[]): Shape {
    const shapes = parts.map((part) => this.resolved(part));
    if (!shapes.every(({ properties }) => properties)) return {};
    return { properties: Object.assign({}, ...shapes.map(({ properties }) => properties)) as Record<string, Shape> };
  }

  private lookAtMembers(value: Members, { properties, additionalProperties }: Shape, path: string): void {
    if (properties === undefined && typeof additionalProperties !== "object") return;
    for (const [key, member] of Object.entries(value)) {
      const known = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (known) this.look(member, known, `${path}${key}.`);
      else if (typeof additionalProperties === "object") this.look(member, additionalProperties, `${path}${key}.`);
      else if (additionalProperties !== true) this.found.set(`${path}${key}`, unknown(Object.keys(properties ?? {})));
    }
  }
}

const unknown = (names: readonly string[]): string =>
  names.length === 0 ? "Nothing is known here." : `Not known here. Known: ${names.slice(0, 20).join(", ")}.`;

/**
 * Members that the schema does not know at any depth, by their path, each with a sentence: a schema would drop them in silence, and
 * whoever misspelt `policy` would get the default one.
 */
export function unknownMembers(schema: z.ZodType, input: unknown): ReadonlyMap<string, string> {
  const shape = shapeOf(schema);
  const walk = new Walk(shape);
  walk.look(input, shape, "");
  return walk.found;
}
