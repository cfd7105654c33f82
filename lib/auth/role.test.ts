import { expect, test } from "vitest";
import { commonRole, parseRole, type Role, roleSatisfies, roles } from "./role";

/** Each role with what it fills, in words of its own: operator and auditor stand beside each other. */
const fills: Record<Role, Role[]> = {
  viewer: ["viewer"],
  auditor: ["auditor", "viewer"],
  operator: ["operator", "viewer"],
  admin: ["admin", "operator", "auditor", "viewer"],
};

test("there are four roles", () => expect([...roles].sort()).toEqual(["admin", "auditor", "operator", "viewer"]));

test.each(roles.flatMap((has) => roles.map((needed) => ({ has, needed }))))(
  "$has where $needed is needed",
  ({ has, needed }) => expect(roleSatisfies(has, needed)).toBe(fills[has].includes(needed)),
);

const common: [Role, Role, Role][] = [
  ["admin", "admin", "admin"],
  ["admin", "operator", "operator"],
  ["admin", "auditor", "auditor"],
  ["admin", "viewer", "viewer"],
  ["operator", "operator", "operator"],
  ["operator", "auditor", "viewer"],
  ["operator", "viewer", "viewer"],
  ["auditor", "auditor", "auditor"],
  ["auditor", "viewer", "viewer"],
  ["viewer", "viewer", "viewer"],
];
test.each(common)("%s and %s have %s in common, whichever comes first", (left, right, expected) => {
  expect(commonRole(left, right)).toBe(expected);
  expect(commonRole(right, left)).toBe(expected);
});

test("a role is read from its own name and nothing else", () => {
  for (const role of roles) expect(parseRole(role)).toBe(role);
  for (const text of ["", "Admin", "root", "admin ", "toString"])
    expect(() => parseRole(text)).toThrow(`unknown role: ${text}`);
});
