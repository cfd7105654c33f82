/** Weakest first: each role may do what the ones before it may. */
export const roles = ["viewer", "operator", "admin"] as const;
export type Role = (typeof roles)[number];

/** The roles that a holder of `R` fills. */
export type Grants = { viewer: "viewer"; operator: "viewer" | "operator"; admin: "viewer" | "operator" | "admin" };

export const roleSatisfies = (held: Role, needed: Role): boolean => roles.indexOf(held) >= roles.indexOf(needed);

/** A role from text that only this program writes (a database column, an option of a select). @throws Error for any other text. */
export const parseRole = (text: string): Role => {
  const role = roles.find((known) => known === text);
  if (!role) throw new Error(`unknown role: ${text}`);
  return role;
};
