import { CelProblem, celTokens, type CelToken } from "@/lib/machine-config/check/cel-tokens";

/** A CEL expression (the grammar of the CEL specification). Calls with `target` are methods; operators are calls named by their sign. */
export type CelNode =
  | { is: "literal"; type: "int" | "uint" | "double" | "string" | "bytes" | "bool" | "null" }
  | { is: "name"; name: string }
  | { is: "select"; of: CelNode; field: string }
  | { is: "index"; of: CelNode; by: CelNode }
  | { is: "call"; name: string; target: CelNode | null; args: CelNode[] }
  | { is: "list"; items: CelNode[] }
  | { is: "map"; entries: [CelNode, CelNode][] };

// Loosest first; each level binds tighter than the one before.
const levels = [["||"], ["&&"], ["<", "<=", ">", ">=", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"]] as const;
const mostNesting = 100;
const words = new Set(["in"]);

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly CelToken[]) {}

  whole(): CelNode {
    const node = this.expression();
    if (this.peek().kind !== "end") this.unexpected();
    return node;
  }

  private peek(): CelToken {
    return this.tokens[this.at] ?? { kind: "end", at: 0, text: "" };
  }

  private next(): CelToken {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private takes(text: string): boolean {
    const token = this.peek();
    if (token.text !== text || (token.kind !== "symbol" && token.kind !== "name")) return false;
    this.at += 1;
    return true;
  }

  private expect(text: string): void {
    if (!this.takes(text)) this.unexpected();
  }

  private unexpected(): never {
    const token = this.peek();
    throw new CelProblem(token.kind === "end" ? "it ends too early" : `${JSON.stringify(token.text)} is not expected`);
  }

  private expression(): CelNode {
    this.depth += 1;
    if (this.depth > mostNesting) throw new CelProblem("it is nested too deep");
    const condition = this.binary(0);
    let node = condition;
    if (this.takes("?")) {
      const yes = this.binary(0);
      this.expect(":");
      node = { is: "call", name: "?:", target: null, args: [condition, yes, this.expression()] };
    }
    this.depth -= 1;
    return node;
  }

  private binary(level: number): CelNode {
    const operators = levels[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((sign) => this.takes(sign));
      if (operator === undefined) return left;
      left = { is: "call", name: operator, target: null, args: [left, this.binary(level + 1)] };
    }
  }

  private unary(): CelNode {
    for (const sign of ["!", "-"] as const) {
      if (!this.takes(sign)) continue;
      this.depth += 1;
      if (this.depth > mostNesting) throw new CelProblem("it is nested too deep");
      const node: CelNode = { is: "call", name: sign === "-" ? "neg" : "!", target: null, args: [this.unary()] };
      this.depth -= 1;
      return node;
    }
    return this.member();
  }

  private member(): CelNode {
    let node = this.primary();
    for (;;) {
      if (this.takes(".")) {
        this.takes("?");
        const field = this.next();
        if (field.kind !== "name") {
          this.at -= 1;
          this.unexpected();
        }
        node = this.takes("(")
          ? { is: "call", name: field.text, target: node, args: this.list(")") }
          : { is: "select", of: node, field: field.text };
      } else if (this.takes("[")) {
        this.takes("?");
        node = { is: "index", of: node, by: this.expression() };
        this.expect("]");
      } else return node;
    }
  }

  private primary(): CelNode {
    if (this.takes("(")) {
      const node = this.expression();
      this.expect(")");
      return node;
    }
    if (this.takes("[")) return { is: "list", items: this.list("]") };
    if (this.takes("{")) return { is: "map", entries: this.entries() };
    this.takes(".");
    const token = this.next();
    if (token.kind === "name" && !words.has(token.text)) return this.named(token.text);
    if (token.kind === "symbol" || token.kind === "end" || token.kind === "name") {
      this.at -= 1;
      this.unexpected();
    }
    return { is: "literal", type: token.kind };
  }

  private named(text: string): CelNode {
    if (text === "true" || text === "false") return { is: "literal", type: "bool" };
    if (text === "null") return { is: "literal", type: "null" };
    return this.takes("(")
      ? { is: "call", name: text, target: null, args: this.list(")") }
      : { is: "name", name: text };
  }

  private list(end: string): CelNode[] {
    const items: CelNode[] = [];
    while (!this.takes(end)) {
      items.push(this.expression());
      if (this.takes(",")) {
        if (end === ")" && this.peek().text === ")") this.unexpected();
      } else if (this.peek().text !== end) this.unexpected();
    }
    return items;
  }

  private entries(): [CelNode, CelNode][] {
    const entries: [CelNode, CelNode][] = [];
    while (!this.takes("}")) {
      const key = this.expression();
      this.expect(":");
      entries.push([key, this.expression()]);
      if (!this.takes(",") && this.peek().text !== "}") this.unexpected();
    }
    return entries;
  }
}

/** @throws CelProblem where CEL cannot read the text. */
export const parseCel = (text: string): CelNode => new Parser(celTokens(text)).whole();
