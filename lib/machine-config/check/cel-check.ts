import type { CelNode } from "@/lib/machine-config/check/cel-parse";
import { CelProblem } from "@/lib/machine-config/check/cel-tokens";
import { fitsCelType, showCelType, type CelEnvironment, type CelType } from "@/lib/machine-config/check/cel-type";

/* The type checker of cel-go with its standard library, as far as an expression of Talos can tell the difference. */

type Scope = {
  environment: CelEnvironment;
  locals: ReadonlyMap<string, CelType>;
  isAtLeast: (release: string) => boolean;
};

const dyn: CelType = { is: "dyn" };
const bool: CelType = { is: "bool" };
const int: CelType = { is: "int" };
const string: CelType = { is: "string" };

const ordered = new Set(["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"]);
const macros = new Set(["all", "exists", "exists_one", "existsOne", "map", "filter"]);
const textMethods = new Set(["contains", "startsWith", "endsWith", "matches"]);
const conversions: Record<string, { from: string; gives: CelType }> = {
  int: { from: "int uint double string timestamp duration", gives: int },
  uint: { from: "int uint double string", gives: { is: "uint" } },
  double: { from: "int uint double string", gives: { is: "double" } },
  string: { from: "bool int uint double string bytes timestamp duration", gives: string },
  bytes: { from: "bytes string", gives: { is: "bytes" } },
  bool: { from: "bool string", gives: bool },
  duration: { from: "duration string int", gives: { is: "duration" } },
  timestamp: { from: "timestamp string int", gives: { is: "timestamp" } },
};

const noOverload = (sign: string, types: readonly CelType[]): CelProblem =>
  new CelProblem(`${sign} cannot take ${types.map(showCelType).join(" and ")}${numberHint(types)}`);

function numberHint(types: readonly CelType[]): string {
  const kinds = new Set(types.map((type) => type.is));
  return kinds.has("uint") && kinds.has("int") ? "; write whole numbers with a u, such as 200u" : "";
}

/** @throws CelProblem where CEL's checker refuses the expression. */
export function celType(node: CelNode, environment: CelEnvironment, isAtLeast: (release: string) => boolean): CelType {
  return typeOf(node, { environment, locals: new Map(), isAtLeast });
}

function typeOf(node: CelNode, scope: Scope): CelType {
  switch (node.is) {
    case "literal":
      return { is: node.type };
    case "name":
      return nameType(node.name, scope);
    case "select":
      return selected(typeOf(node.of, scope), node.field, scope);
    case "index":
      return indexed(typeOf(node.of, scope), typeOf(node.by, scope));
    case "list":
      return { is: "list", of: joined(node.items.map((item) => typeOf(item, scope))) };
    case "map": {
      const keys = node.entries.map(([key]) => typeOf(key, scope));
      return { is: "map", key: joined(keys), of: joined(node.entries.map(([, value]) => typeOf(value, scope))) };
    }
    case "call":
      return called(node, scope);
  }
}

function nameType(name: string, { locals, environment }: Scope): CelType {
  const known = locals.get(name) ?? environment.names.get(name);
  if (known) return known;
  if (name in conversions || name === "list" || name === "map") return { is: "type" };
  throw new CelProblem(`the expression knows no ${name} (${[...environment.names.keys()].slice(0, 3).join(", ")}, …)`);
}

function selected(of: CelType, field: string, { isAtLeast }: Scope): CelType {
  if (of.is === "dyn") return dyn;
  if (of.is === "map") return of.of;
  if (of.is === "optional") return { is: "optional", of: dyn };
  if (of.is !== "object") throw new CelProblem(`${showCelType(of)} has no fields`);
  const since = of.since.get(field);
  const type = of.fields.get(field);
  if (type && (since === undefined || isAtLeast(since))) return type;
  if (type) throw new CelProblem(`${of.name}.${field} is known since Talos ${since ?? ""}`);
  const known = ["dev_path", "model", "serial", "size", "transport"].filter((name) => of.fields.has(name));
  const some = known.length > 2 ? known : [...of.fields.keys()].slice(0, 5);
  throw new CelProblem(`the expression knows no field ${of.name}.${field} (${some.join(", ")}, …)`);
}

function indexed(of: CelType, by: CelType): CelType {
  if (of.is === "dyn" || by.is === "dyn") return of.is === "list" || of.is === "map" ? of.of : dyn;
  if (of.is === "list" && by.is === "int") return of.of;
  if (of.is === "map" && fitsCelType(of.key, by)) return of.of;
  throw noOverload("[…]", [of, by]);
}

function joined(types: readonly CelType[]): CelType {
  const [first = dyn] = types;
  return types.every((type) => fitsCelType(first, type)) ? first : dyn;
}

function called(node: Extract<CelNode, { is: "call" }>, scope: Scope): CelType {
  const { name, target, args } = node;
  if (target !== null && macros.has(name) && args.length >= 2) return macro(name, target, args, scope);
  if (target === null && name === "has") {
    if (args.length !== 1 || args[0]?.is !== "select") throw new CelProblem("has() wants a field");
    typeOf(args[0], scope);
    return bool;
  }
  const types = args.map((arg) => typeOf(arg, scope));
  if (target !== null) return method(name, typeOf(target, scope), types);
  return operation(name, types) ?? call(name, types, scope);
}

function macro(name: string, target: CelNode, args: readonly CelNode[], scope: Scope): CelType {
  const [variable, ...bodies] = args;
  if (variable?.is !== "name") throw new CelProblem(`${name}() wants the name of a variable first`);
  const range = typeOf(target, scope);
  const item = range.is === "list" ? range.of : range.is === "map" ? range.key : range.is === "dyn" ? dyn : null;
  if (item === null) throw new CelProblem(`${name}() wants a list, this is ${showCelType(range)}`);
  const inner = { ...scope, locals: new Map([...scope.locals, [variable.name, item]]) };
  const types = bodies.map((body) => typeOf(body, inner));
  if (name === "map") return { is: "list", of: types.at(-1) ?? dyn };
  if (!fitsCelType(types[0] ?? dyn, bool)) throw new CelProblem(`${name}() wants a condition`);
  return name === "filter" ? { is: "list", of: item } : bool;
}

function method(name: string, target: CelType, args: readonly CelType[]): CelType {
  if (target.is === "dyn" || target.is === "optional")
    return name === "hasValue" ? bool : name === "orValue" ? (args[0] ?? dyn) : dyn;
  if (textMethods.has(name)) {
    if (target.is === "string" && args.length === 1 && fitsCelType(args[0] ?? dyn, string)) return bool;
    throw noOverload(`${name}()`, [target, ...args]);
  }
  if (name === "size" && args.length === 0) return size(target);
  if ((target.is === "timestamp" || target.is === "duration") && /^get[A-Z]\w+$/.test(name)) return int;
  throw new CelProblem(`${showCelType(target)} has no ${name}()`);
}

function size(of: CelType): CelType {
  if (["string", "bytes", "list", "map", "dyn"].includes(of.is)) return int;
  throw noOverload("size()", [of]);
}

/** Null where the name is no operator. */
function operation(name: string, types: readonly CelType[]): CelType | null {
  const [left = dyn, right = dyn, third = dyn] = types;
  const fails = () => noOverload(name === "neg" ? "-" : name, types);
  switch (name) {
    case "&&":
    case "||":
    case "!":
      if (types.every((type) => fitsCelType(type, bool))) return bool;
      throw fails();
    case "?:":
      if (!fitsCelType(left, bool) || !fitsCelType(right, third)) throw fails();
      return right.is === "dyn" ? third : right;
    case "==":
    case "!=":
      if (fitsCelType(left, right)) return bool;
      throw fails();
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (fitsCelType(left, right) && [left, right].every((type) => type.is === "dyn" || ordered.has(type.is)))
        return bool;
      throw fails();
    case "in":
      if (
        right.is === "dyn" ||
        (right.is === "list" && fitsCelType(left, right.of)) ||
        (right.is === "map" && fitsCelType(left, right.key))
      )
        return bool;
      throw fails();
    case "neg":
      if (["int", "double", "dyn"].includes(left.is)) return left;
      throw fails();
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(name, left, right);
    default:
      return null;
  }
}

const numbers = ["int", "uint", "double"];
const operands: Record<string, readonly string[]> = {
  "+": [...numbers, "string", "bytes", "list", "duration"],
  "-": [...numbers, "duration"],
  "*": numbers,
  "/": numbers,
  "%": ["int", "uint"],
};

function arithmetic(sign: string, left: CelType, right: CelType): CelType {
  if (left.is === "dyn") return right;
  if (right.is === "dyn") return left;
  if (left.is === right.is && (operands[sign] ?? []).includes(left.is) && fitsCelType(left, right)) return left;
  const pair = `${left.is} ${sign} ${right.is}`;
  if (["timestamp + duration", "duration + timestamp", "timestamp - duration"].includes(pair))
    return { is: "timestamp" };
  if (pair === "timestamp - timestamp") return { is: "duration" };
  throw noOverload(sign, [left, right]);
}

function call(name: string, types: readonly CelType[], { environment }: Scope): CelType {
  const [first = dyn] = types;
  const known = environment.functions.find((one) => one.name === name);
  if (known) {
    const fits =
      known.args.length === types.length && known.args.every((type, index) => fitsCelType(types[index] ?? dyn, type));
    if (fits) return known.gives;
    throw noOverload(`${name}()`, types);
  }
  const conversion = Object.hasOwn(conversions, name) ? conversions[name] : undefined;
  if (conversion && types.length === 1) {
    if (first.is === "dyn" || conversion.from.split(" ").includes(first.is)) return conversion.gives;
    throw noOverload(`${name}()`, types);
  }
  if (name === "size" && types.length === 1) return size(first);
  if (name === "matches" && types.length === 2 && types.every((type) => fitsCelType(type, string))) return bool;
  if (name === "dyn" && types.length === 1) return dyn;
  if (name === "type" && types.length === 1) return { is: "type" };
  throw new CelProblem(`the expression knows no function ${name}()`);
}
