/**
 * How deep a YAML text can be nested at most, found in one pass without parsing: open flow brackets, block indentation, and
 * dashes in a row. Brackets inside texts count too, so it can be more than there is, never less. A parser that recurses
 * must not see a text that is deeper than its stack: near the end of the stack V8 ends the whole process.
 */
export function yamlNestingBound(text: string): number {
  let flow = 0;
  let deepest = 0;
  const indents: number[] = [];
  for (const line of text.split("\n")) {
    let column = 0;
    let markers = 0;
    for (; column < line.length; column++) {
      const char = line[column];
      if (char === "-" || char === "?" || char === ":") markers += 1;
      else if (char !== " " && char !== "\t") break;
    }
    if (column === line.length && markers === 0) continue;
    const indent = column - markers;
    while ((indents.at(-1) ?? -1) >= indent) indents.pop();
    indents.push(indent);
    for (; column < line.length; column++) {
      const char = line[column];
      if (char === "[" || char === "{") deepest = Math.max(deepest, ++flow + indents.length);
      else if ((char === "]" || char === "}") && flow > 0) flow -= 1;
    }
    deepest = Math.max(deepest, indents.length + markers + flow);
  }
  return deepest;
}

/** Deeper than anything written by people or by Talos, shallower than what a recursive parser can bear. */
export const mostYamlNesting = 1_000;
export const isNestedTooDeep = (text: string): boolean => yamlNestingBound(text) > mostYamlNesting;
