import { ConfigParts } from "./config-parts";
import { bool, key, number, scalar } from "./hostile-yaml";

/** Parts of configs whose texts, keys and values are written so that an untyped reading changes them (`hostile-yaml.ts`). */
export class HostileParts extends ConfigParts {
  override text = () => scalar(this.random);
  override truth = () => bool(this.random);
  override textMap = () => this.map(() => this.gone(this.text)());
  override anyMap = () => this.any(2) as Record<string, unknown>;
  /** Whole numbers in all their spellings; other choices as they are. */
  override one =
    (...items: unknown[]) =>
    () => {
      const item = this.random.pick(items);
      return typeof item === "number" ? number(this.random, item) : item;
    };

  private map(make: () => unknown): Record<string, unknown> {
    // What stands under null is nothing to go-yaml, not even wrong; Ichor reads it first.
    const member = (value: () => unknown) => (): [string, unknown] => {
      const name = key(this.random);
      return [name, /^§(?:~|null)$/i.test(name) ? "x" : value()];
    };
    const members = Object.fromEntries(this.random.list(3, member(make)));
    // A merge key, whose members are those of another map.
    if (!this.random.chance(0.15)) return members;
    return { ...members, "§<<": Object.fromEntries(this.random.list(2, member(this.text))) };
  }

  private any(depth: number): unknown {
    return this.map(() => {
      const draw = this.random.next();
      if (depth > 0 && draw < 0.3) return this.any(depth - 1);
      if (depth > 0 && draw < 0.5) return this.list(this.text, 3);
      return draw < 0.6 ? this.truth() : this.text();
    });
  }
}
