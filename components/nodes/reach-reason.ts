const errnos: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "connection refused"],
  [/EHOSTUNREACH/, "no route to the host"],
  [/ENETUNREACH/, "no route to its network"],
  [/ETIMEDOUT/, "nobody answered"],
  [/ENOTFOUND|EAI_AGAIN/, "its name is not known"],
];

/** Why a node cannot be reached, in a few words for a table, where its address stands already. Other sentences stay whole. */
export function reachReason(sentence: string): string {
  const why = /^\S+ cannot be reached: (.+?)\.?$/s.exec(sentence)?.[1];
  if (why === undefined) return sentence;
  return errnos.find(([pattern]) => pattern.test(why))?.[1] ?? why;
}
