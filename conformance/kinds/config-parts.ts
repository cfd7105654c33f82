import type { Random } from "../random";

type Make = () => unknown;
const deletion = { $patch: "delete" };

/** Random parts of machine configs, and of patches of them, where members and list entries may ask to be deleted. */
export class ConfigParts {
  constructor(
    readonly random: Random,
    readonly patching: boolean,
    /** Of the Talos release that judges. */
    readonly minor: number,
  ) {}

  /** How likely each optional member is: patches are smaller. */
  get density(): number {
    return this.patching ? 0.25 : 0.5;
  }
  some(members: Record<string, Make>, probability = 0.5): Record<string, unknown> {
    return this.random.some(probability, members);
  }
  list(make: Make, most = 2): unknown[] {
    return this.random.list(most, make);
  }
  /** A member that a patch may delete instead. */
  gone(make: Make): Make {
    return () => (this.patching && this.random.chance(0.07) ? { ...deletion } : make());
  }
  /** An entry of a keyed list that a patch may delete by its first member. */
  entry(make: () => Record<string, unknown>): Make {
    return () => {
      const made = make();
      const [first] = Object.entries(made);
      if (!this.patching || !first || typeof first[1] === "object" || !this.random.chance(0.1)) return made;
      return { [first[0]]: first[1], ...deletion };
    };
  }
  one =
    (...items: unknown[]): Make =>
    () =>
      this.random.pick(items);
  text: Make = () => this.random.pick(["a", "b", "c", "x1", ""]);
  truth: Make = () => this.random.chance(0.5);
  texts: Make = () => this.list(this.text);
  textMap: Make = () => this.some({ a: this.gone(this.text), b: this.gone(this.text), c: this.gone(this.text) }, 0.4);
  anyMap: Make = () => this.free(2);

  private free(depth: number): Record<string, unknown> {
    const { gone, text, truth, random } = this;
    return this.some(
      {
        s: gone.call(this, text),
        n: gone.call(this, this.one(0, 1, 2)),
        b: gone.call(this, truth),
        l: gone.call(this, () => this.list(this.one("x", "y", 1))),
        o: gone.call(this, () => (depth > 0 ? this.free(depth - 1) : {})),
        m: gone.call(this, () => this.list(() => ({ name: random.pick(["p", "q"]), v: 1 }))),
      },
      0.4,
    );
  }
}
