import { bootloaders } from "@/lib/schematic/decode";
import type { Kind } from "../../kind";
import type { Random } from "../../random";
import type { Json } from "../hostile";
import { HostileParts } from "../hostile-parts";
import { bool, hostileYaml, key, number, scalar } from "../hostile-yaml";
import { schematicDiffers } from "./schematic-differs";

/** Text before the document and after it: directives, comments, further documents that the factory never reads. */
type Case = { before: string; document: Json; after: string; cut: boolean };

const befores = ["# comment\n", "---\n", "--- # comment\n", "%YAML 1.1\n---\n", "%YAML 1.2\n---\n", "%OTHER x\n---\n"];
const afters = ["---\na: b\n", "---\n[: x: a\n", "---\n*none\n", "---\n", "...\n", "---\n%YAML 1.2\n"];

class Schematic {
  private readonly parts: HostileParts;
  constructor(private readonly random: Random) {
    this.parts = new HostileParts(random, false, 14);
  }

  private readonly text = (): unknown => scalar(this.random);
  private readonly texts = (): unknown => this.random.list(4, this.text);
  private readonly whole =
    (...values: number[]) =>
    (): unknown =>
      this.random.chance(0.9) ? number(this.random, this.random.pick(values)) : this.text();
  private readonly truth = (): unknown => (this.random.chance(0.9) ? bool(this.random) : this.text());

  /** Members of one of the factory's structs; now and then something else there, a member that it has not, or a merge key. */
  private struct(members: Record<string, () => unknown>): unknown {
    const { random } = this;
    const draw = random.next();
    if (draw < 0.02) return this.text();
    const own = random.some(0.5, members);
    if (draw < 0.03) return { ...own, [key(random)]: "x" };
    if (draw < 0.04) return [own];
    if (draw < 0.06) return { ...own, "§~": "x" };
    if (draw < 0.85) return own;
    // What is shadowed is nothing to go-yaml, not even wrong; Ichor reads it first.
    const shadowed = (...nearer: object[]): object =>
      Object.fromEntries(
        Object.entries(random.some(0.5, members)).map(([name, value]) => [
          name,
          nearer.some((one) => Object.hasOwn(one, name)) ? "x" : value,
        ]),
      );
    const first = shadowed(own);
    return { ...own, "§<<": random.chance(0.7) ? first : [first, shadowed(own, first)] };
  }

  private readonly overlay = (): unknown =>
    this.struct({ image: this.text, name: this.text, options: this.parts.anyMap });

  private readonly secureboot = (): unknown =>
    this.struct({ enrollKeys: this.text, includeWellKnownCertificates: this.truth });

  private readonly meta = (): unknown =>
    this.random.list(3, () => this.struct({ key: this.whole(0, 10, 255), value: this.text }));

  private readonly bootloader = (): unknown => {
    const word = this.random.pick(bootloaders);
    return this.random.pick([word, word.toUpperCase(), `§${word}`, `§!!str ${word}`, this.text()]);
  };

  private readonly customization = (): unknown =>
    this.struct({
      embeddedMachineConfiguration: this.text,
      extraKernelArgs: this.texts,
      meta: this.meta,
      systemExtensions: () => this.struct({ officialExtensions: this.texts }),
      bootloader: this.bootloader,
      secureboot: this.secureboot,
      diskImage: () => this.struct({ sectorSize: this.whole(0, 512, 4096) }),
    });

  document = (): unknown => this.struct({ owner: this.text, overlay: this.overlay, customization: this.customization });
}

/** Schematics as people write them, with bare scalars in keys and values, against the Image Factory's own typed decode. */
export const hostileSchematics: Kind<Case> = {
  name: "hostile schematics",
  cases: 1_000,
  make: (random) => ({
    before: random.chance(0.1) ? random.pick(befores) : "",
    document: new Schematic(random).document() as Json,
    after: random.chance(0.1) ? random.pick(afters) : "",
    cut: random.chance(0.2),
  }),
  differs({ before, document, after, cut }, judge) {
    return schematicDiffers(before + hostileYaml([document], cut && after === "") + after, judge);
  },
};
