/**
 * Reads rows of many ids, some hundred at a time: SQLite takes at most 999 parameters a statement as Prisma asks it,
 * and Prisma refuses longer `in` lists where it cannot split them itself. The rows come in the order of the batches.
 */
export async function inBatches<Row>(
  ids: readonly string[],
  read: (batch: string[]) => Promise<Row[]>,
  size = 400,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < ids.length; at += size) rows.push(...(await read(ids.slice(at, at + size))));
  return rows;
}
