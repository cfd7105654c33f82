/** `Assign amd: a new schematic…` beside a title or a button that says `Assign amd` already: only the rest is news. */
export function remedySentence(sentence: string): string {
  const rest = /^Assign [\w.-]+: (.)(.+)$/s.exec(sentence);
  return rest ? `${rest[1]?.toUpperCase()}${rest[2]}` : sentence;
}
