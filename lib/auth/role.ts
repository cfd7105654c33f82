/**
 * What each role may do, itself first. Viewer is below all and admin above all; an auditor reads the audit log and has no more
 * power over machines than a viewer, so auditor and operator stand beside each other.
 */
const held = {
  viewer: ["viewer"],
  auditor: ["auditor", "viewer"],
  operator: ["operator", "viewer"],
  admin: ["admin", "operator", "auditor", "viewer"],
} as const;
export type Role = keyof typeof held;
export const roles = Object.keys(held) as Role[];

/** The roles that a holder of `R` fills. */
export type Grants = { [R in Role]: (typeof held)[R][number] };

export const roleSatisfies = (has: Role, needed: Role): boolean => (held[has] as readonly Role[]).includes(needed);

/** The strongest role that holders of both have: the lesser of the two, or viewer where neither is above the other. */
export const commonRole = (left: Role, right: Role): Role => {
  if (roleSatisfies(left, right)) return right;
  return roleSatisfies(right, left) ? left : "viewer";
};

/** A role from text that only this program writes (a database column, an option of a select). @throws Error for any other text. */
export const parseRole = (text: string): Role => {
  const role = roles.find((known) => known === text);
  if (!role) throw new Error(`unknown role: ${text}`);
  return role;
};
