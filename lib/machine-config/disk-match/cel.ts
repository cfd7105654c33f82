import { ownEntry } from "@/lib/core/own-entry";

/** What an expression can speak of: the disk's fields by their CEL names (`dev_path`, `size`), as Talos' DiskSpec has them. */
export type CelDisk = Readonly<Record<string, string | number | boolean | readonly string[]>>;
type Value = string | number | boolean | readonly string[];

/** The expression uses more of CEL than is understood here: then nothing is said about it. */
export class UnknownCel extends Error {
  override readonly name = "UnknownCel";
}

/** Multipliers of Talos' CEL environment (pkg/machinery/cel/celenv). */
const units: Readonly<Record<string, number>> = Object.fromEntries(
  ["k", "M", "G", "T", "P", "E"].flatMap((prefix, index) => [
    [`${prefix}B`, 1000 ** (index + 1)],
    [`${prefix === "k" ? "K" : prefix}iB`, 1024 ** (index + 1)],
  ]),
);

const tokenPattern =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)u?(?![\w.])|([A-Za-z_][\w.]*)|(&&|\|\||[=!<>]=|[!<>()[\],*+-]))/y;
type Token = { kind: "text" | "number" | "name" | "sign"; text: string };
const maxTokens = 2_000;

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  const text = source.trim();
  while (tokenPattern.lastIndex < text.length) {
    const found = tokenPattern.exec(text);
    if (!found || tokens.length > maxTokens) throw new UnknownCel("token");
    const [, quoted, number, name, sign] = found;
    if (quoted !== undefined) tokens.push({ kind: "text", text: unquote(quoted) });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else tokens.push({ kind: "sign", text: sign ?? "" });
  }
  return tokens;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, char: string) => {
    if (/[\\"'/]/.test(char)) return char;
    throw new UnknownCel("escape");
  });
}

/** `*` stands for any text; everything else for itself (ryanuber/go-glob, as celenv uses it). */
export function celGlob(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return pattern === text;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - at >= tail.length && text.endsWith(tail);
}

class Reader {
  private at = 0;
  private depth = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly disk: CelDisk,
  ) {}

  whole(): boolean {
    const value = this.or();
    if (this.at < this.tokens.length || typeof value !== "boolean") throw new UnknownCel("end");
    return value;
  }

  private sign(...texts: string[]): string | null {
    const token = this.tokens[this.at];
    if (token?.kind !== "sign" || !texts.includes(token.text)) return null;
    this.at += 1;
    return token.text;
  }

  private need(sign: string): void {
    if (this.sign(sign) === null) throw new UnknownCel(sign);
  }

  private or(): Value {
    let value = this.and();
    while (this.sign("||")) value = [value, this.and()].map(truth).includes(true);
    return value;
  }

  private and(): Value {
    let value = this.relation();
    while (this.sign("&&")) value = [value, this.relation()].map(truth).every(Boolean);
    return value;
  }

  private relation(): Value {
    const left = this.product();
    const operator = this.sign("==", "!=", "<=", ">=", "<", ">");
    if (operator !== null) return compare(operator, left, this.product());
    const token = this.tokens[this.at];
    if (token?.kind !== "name" || token.text !== "in") return left;
    this.at += 1;
    const list = this.product();
    if (!Array.isArray(list) || typeof left !== "string") throw new UnknownCel("in");
    return list.includes(left);
  }

  private product(): Value {
    let value = this.unary();
    while (this.sign("*")) {
      const right = this.unary();
      if (typeof value !== "number" || typeof right !== "number") throw new UnknownCel("product");
      value *= right;
    }
    return value;
  }

  private unary(): Value {
    if (this.sign("!")) return !truth(this.unary());
    if (++this.depth > 200) throw new UnknownCel("depth");
    if (this.sign("(")) {
      const value = this.or();
      this.need(")");
      return value;
    }
    if (this.sign("[")) return this.list();
    const token = this.tokens[this.at++];
    if (token?.kind === "text") return token.text;
    if (token?.kind === "number") return Number(token.text);
    if (token?.kind === "name") return this.named(token.text);
    throw new UnknownCel("value");
  }

  private list(): readonly string[] {
    const items: string[] = [];
    while (!this.sign("]")) {
      const item = this.unary();
      if (typeof item !== "string") throw new UnknownCel("list");
      items.push(item);
      if (!this.sign(",")) {
        this.need("]");
        break;
      }
    }
    return items;
  }

  private named(name: string): Value {
    if (name === "true" || name === "false") return name === "true";
    // No disk is the system disk before the installation (blockhelpers.MatchDisks).
    if (name === "system_disk") return false;
    if (name === "glob") return this.glob();
    const unit = ownEntry(units, name);
    if (unit !== undefined) return unit;
    const [root, field = "", method, ...more] = name.split(".");
    const value = root === "disk" && Object.hasOwn(this.disk, field) ? this.disk[field] : undefined;
    if (value === undefined || more.length > 0) throw new UnknownCel(name);
    return method === undefined ? value : this.method(method, value);
  }

  private glob(): boolean {
    this.need("(");
    const pattern = this.or();
    this.need(",");
    const text = this.or();
    this.need(")");
    if (typeof pattern !== "string" || typeof text !== "string") throw new UnknownCel("glob");
    return celGlob(pattern, text);
  }

  private method(name: string, value: Value): boolean {
    this.need("(");
    const other = this.or();
    this.need(")");
    if (typeof value !== "string" || typeof other !== "string") throw new UnknownCel(name);
    if (name === "startsWith") return value.startsWith(other);
    if (name === "endsWith") return value.endsWith(other);
    if (name === "contains") return value.includes(other);
    throw new UnknownCel(name);
  }
}

function truth(value: Value): boolean {
  if (typeof value !== "boolean") throw new UnknownCel("truth");
  return value;
}

function compare(operator: string, left: Value, right: Value): boolean {
  if (typeof left !== typeof right || typeof left === "object" || typeof right === "object")
    throw new UnknownCel("types");
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left === "boolean") throw new UnknownCel("order");
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

/**
 * Evaluates a disk selector of Talos for one disk: comparisons, `&&`, `||`, `!`, `in`, `glob`, text methods and units, which is what
 * people write in `match`.
 *
 * @returns null where the expression uses more of CEL than that.
 */
export function celMatchesDisk(expression: string, disk: CelDisk): boolean | null {
  try {
    return new Reader(tokensOf(expression), disk).whole();
  } catch (error) {
    if (error instanceof UnknownCel) return null;
    throw error;
  }
}
