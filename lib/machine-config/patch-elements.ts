import type { YamlValue } from "@/lib/core/go-yaml";
import { isYamlMap, valueAt } from "@/lib/machine-config/documents";

const keyText = (value: YamlValue | undefined, key: string): string => {
  const found = valueAt(value, [key]);
  return found === undefined || found === null ? "" : String(found);
};

/** A device selector as it is compared; null where it is the same as no other. */
function selectorText(value: YamlValue | undefined): string | null {
  const selector = valueAt(value, ["deviceSelector"]);
  // Upstream compares the structs, in which `physical` is a pointer and so never the same.
  if (!isYamlMap(selector) || (selector.physical ?? null) !== null) return null;
  const members = Object.entries(selector).filter(([, member]) => member !== null && member !== "");
  return JSON.stringify(members.sort(), (_, member: unknown) => (typeof member === "bigint" ? `${member}n` : member));
}

/** What an element can be found by: its key, and interfaces by their device selector as well. */
function namesOf(element: YamlValue | undefined, by: string): string[] {
  const names = [`key ${keyText(element, by)}`];
  const selector = by === "interface" ? selectorText(element) : null;
  return selector === null ? names : [...names, `selector ${selector}`];
}

/** By what an element of a patch looks for its like: interfaces without a name by their selector. Null where nothing is like it. */
function wanted(item: YamlValue, by: string): string | null {
  const key = keyText(item, by);
  if (by !== "interface" || key !== "") return `key ${key}`;
  const selector = selectorText(item);
  return selector === null ? null : `selector ${selector}`;
}

/** How many of the numbers, which ascend, are below. */
function countBelow(numbers: readonly number[], below: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < below) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A list whose elements have keys: they are found without looking through all of them each time. It is changed through this alone. */
export class Elements {
  private readonly places = new Map<string, number[]>();

  constructor(
    readonly list: YamlValue[],
    private readonly by: string,
  ) {
    list.forEach((element, at) => namesOf(element, by).forEach((name) => this.note(name, at)));
  }

  private note(name: string, at: number): void {
    const places = this.places.get(name);
    if (places) places.splice(countBelow(places, at), 0, at);
    else this.places.set(name, [at]);
  }

  push(element: YamlValue): void {
    const at = this.list.push(element) - 1;
    for (const name of namesOf(element, this.by)) this.note(name, at);
  }

  /** Puts what `change` makes of an element in its place; it may change the element itself. */
  update(at: number, change: (element: YamlValue | undefined) => YamlValue): void {
    const before = namesOf(this.list[at], this.by);
    const element = change(this.list[at]);
    this.list[at] = element;
    for (const name of namesOf(element, this.by)) if (!before.includes(name)) this.note(name, at);
  }

  /** Index of the first element like the item, -1 for none. */
  first(item: YamlValue): number {
    const name = wanted(item, this.by);
    const places = (name !== null && this.places.get(name)) || [];
    // Elements that have changed since are like others now.
    while (name !== null && places.length > 0 && !namesOf(this.list[places[0] as number], this.by).includes(name))
      places.shift();
    return places[0] ?? -1;
  }

  /** Index of the last of the first `count` elements that is like the item, -1 for none. */
  lastOf(count: number, item: YamlValue): number {
    const name = wanted(item, this.by);
    const places = (name !== null && this.places.get(name)) || [];
    return places[countBelow(places, count) - 1] ?? -1;
  }
}
