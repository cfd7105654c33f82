/**
 * What a table has under a name that others chose. A plain lookup would find `constructor` and its like in every object.
 * @returns undefined where the table itself has no such entry.
 */
export const ownEntry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
