import type { YamlMap, YamlValue } from "@/lib/core/go-yaml";
import { Elements } from "@/lib/machine-config/patch-elements";

export type MapDraft = { [key: string]: YamlValue | undefined };

/**
 * A config while patches change it. Each mapping and list is copied once, when it is first changed, and then changed in place: many
 * small changes of a large one cost what they change, and what was given stays as it was. What a draft has made is at one place only.
 */
export class Draft {
  private readonly made = new WeakSet<object>();
  private readonly found = new WeakMap<object, Elements>();

  /** The mapping, to be changed and put back where it was. */
  map(given: YamlMap): MapDraft {
    if (this.made.has(given)) return given;
    const copy = { ...given };
    this.made.add(copy);
    return copy;
  }

  /** As `list`, of one whose elements are told apart by a member of theirs. */
  elements(given: readonly YamlValue[], by: string): Elements {
    const known = this.made.has(given) ? this.found.get(given) : undefined;
    const elements = known ?? new Elements(this.list(given), by);
    this.found.set(elements.list, elements);
    return elements;
  }

  /** The list, to be changed and put back where it was. */
  list(given: readonly YamlValue[]): YamlValue[] {
    // What changes it from here on does not tell.
    this.found.delete(given);
    if (this.made.has(given)) return given as YamlValue[];
    const copy = [...given];
    this.made.add(copy);
    return copy;
  }
}

/** Sets a member as one of its own, also one that is named as the prototype is. */
export function put(map: MapDraft, key: string, value: YamlValue | undefined): void {
  if (key !== "__proto__") map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
