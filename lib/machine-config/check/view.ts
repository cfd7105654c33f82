import type { YamlNode } from "@/lib/core/yaml-node";
import { ownMembers } from "@/lib/core/yaml-untyped";
import { isNullScalar, scalarProblem } from "@/lib/machine-config/check/scalar";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";

const flag = { pointer: false, is: "bool" } as const;

/**
 * A part of a config that a rule looks at. What is left out, null, or of another shape than asked for reads as absent: the decoder has said
 * so already. Paths are keys and indexes with dots between them; a key that itself has dots is given by `member`.
 */
export class ConfigView {
  constructor(
    private readonly node: YamlNode | undefined,
    /** Where the part stands, as issues name it: `machine.install`, `LinkConfig/eth0.routes.0`; empty for the v1alpha1 document. */
    readonly path: string,
    private readonly issues: ConfigIssue[],
  ) {}

  /** The part at a path below; it may be absent. */
  at(path: string): ConfigView {
    return path.split(".").reduce<ConfigView>((view, step) => view.member(step), this);
  }

  member(key: string): ConfigView {
    return new ConfigView(this.child(key), this.path === "" ? key : `${this.path}.${key}`, this.issues);
  }

  private child(key: string): YamlNode | undefined {
    const { node } = this;
    if (node?.kind === "list") return node.items[Number(key)];
    if (node?.kind !== "map") return undefined;
    return ownMembers(node).find((member) => member.key.kind === "scalar" && member.key.text === key)?.value;
  }

  /** Is it there, and not null? A Go pointer, map or list would not be nil. */
  get present(): boolean {
    return this.node !== undefined && !(this.node.kind === "scalar" && isNullScalar(this.node));
  }

  /** Is it a list or a mapping, if an empty one? */
  get isCollection(): boolean {
    return this.node !== undefined && this.node.kind !== "scalar";
  }

  has(path: string): boolean {
    return this.at(path).present;
  }

  /** Is it there and not a zero value: an empty text, mapping or list, 0, false? */
  get filled(): boolean {
    const { node } = this;
    if (node === undefined || !this.present) return false;
    if (node.kind === "list") return node.items.length > 0;
    if (node.kind === "map") return node.members.length > 0;
    return node.text !== "" && !(node.plain && /^(?:0|false|False|FALSE)$/.test(node.text));
  }

  /** The scalar's text; empty where there is none. */
  get value(): string {
    return this.node?.kind === "scalar" && this.present ? this.node.text : "";
  }

  text(path: string): string {
    return this.at(path).value;
  }

  /** Undefined where it is left out or no truth value. */
  bool(path: string): boolean | undefined {
    const { node, present } = this.at(path);
    if (node?.kind !== "scalar" || !present || scalarProblem(node, flag, true) !== null) return undefined;
    return /^(?:y|yes|on|true)$/i.test(node.text);
  }

  /** 0 where it is left out or no number. */
  number(path: string): number {
    const number = Number(this.text(path).replaceAll("_", "") || 0);
    return Number.isNaN(number) ? 0 : number;
  }

  /** The items of a list, or nothing. Nulls are left out, as go-yaml does; in a list of Go pointers they stay (`pointers`). */
  items(path: string, { pointers = false } = {}): ConfigView[] {
    const list = this.at(path);
    if (list.node?.kind !== "list") return [];
    const items = list.node.items.map((_, index) => list.member(String(index)));
    return pointers ? items : items.filter((item) => item.present);
  }

  /** The members of a mapping, or nothing. */
  members(path?: string): [key: string, member: ConfigView][] {
    const map = path === undefined ? this : this.at(path);
    if (map.node?.kind !== "map") return [];
    return ownMembers(map.node).flatMap(({ key }) =>
      key.kind === "scalar" ? [[key.text, map.member(key.text)] as [string, ConfigView]] : [],
    );
  }

  /** Talos refuses it. `path` is below this part; empty for the part itself. */
  error(path: string, message: string): void {
    this.issues.push({ severity: "error", path: this.joined(path), message });
  }

  /** Talos takes it and warns. */
  warning(path: string, message: string): void {
    this.issues.push({ severity: "warning", path: this.joined(path), message });
  }

  private joined(path: string): string {
    return [this.path, path].filter((part) => part !== "").join(".");
  }
}
